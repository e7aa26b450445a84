output "repository_urls" {
  description = "Image repositories by service; relman.yaml names them"
  value       = { for repository in aws_ecr_repository.service : trimprefix(repository.name, "${var.project}-store/") => repository.repository_url }
}

output "push_role_arn" {
  description = "Role that GitHub's workflows assume to push images; null where the registry is elsewhere"
  value       = one(aws_iam_role.push[*].arn)
}

output "github_subjects" {
  description = "Subjects of GitHub's tokens that may assume the role that pushes"
  value       = lookup(local.github_subjects, "push", [])
}

output "gates_role_arn" {
  description = "Role with which relman's gates ask; `aws.roleArn` of the environment names it. Null without one"
  value       = one(aws_iam_role.gates[*].arn)
}

output "secret_arns" {
  description = "Secrets by service"
  value       = { for service, secret in aws_secretsmanager_secret.service : service => secret.arn }
}

output "secrets_kms_key_arn" {
  description = "KMS key of the secrets"
  value       = aws_kms_key.secrets.arn
}
