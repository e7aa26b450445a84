output "bucket" {
  description = "Name of the bucket"
  value       = aws_s3_bucket.state.id
}

output "kms_key_arn" {
  description = "KMS key of the states; the roles that run Terraform need kms:Decrypt and kms:GenerateDataKey on it"
  value       = aws_kms_key.state.arn
}

output "lock_table" {
  description = "Name of the DynamoDB table for locking; null without one"
  value       = one(aws_dynamodb_table.lock[*].name)
}

output "backend" {
  description = "What ../env/ENVIRONMENT.s3.tfbackend must say"
  value = {
    bucket       = aws_s3_bucket.state.id
    region       = var.region
    use_lockfile = true
  }
}
