# The role with which relman's gates ask for an environment: whether its images and secrets are there. It reads no
# secret's value.

locals {
  registry_account = coalesce(var.registry.account_id, var.account_id)
  registry_region  = coalesce(var.registry.region, var.region)

  # By name, as the registry may be another environment's. Those of this one are the same.
  repository_arns = [
    for service in var.services :
    "arn:${data.aws_partition.current.partition}:ecr:${local.registry_region}:${local.registry_account}:repository/${var.project}-store/${service}"
  ]
}

resource "aws_iam_role" "gates" {
  count = var.gates_enabled ? 1 : 0

  name        = "${local.name}-gates"
  description = "Gates of ${local.name} look for images and secrets"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [for role, trust in local.github_trust : merge({ Sid = "Workflows" }, trust) if role == "gates"],
      [
        for arns in [var.gates_principal_arns] : {
          Sid       = "Named"
          Effect    = "Allow"
          Principal = { AWS = arns }
          Action    = "sts:AssumeRole"
        } if length(arns) > 0
      ],
    )
  })
}

resource "aws_iam_role_policy" "gates" {
  count = var.gates_enabled ? 1 : 0

  name = "gates"
  role = aws_iam_role.gates[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Images"
        Effect = "Allow"
        Action = [
          "ecr:BatchGetImage",
          "ecr:DescribeImageScanFindings",
          "ecr:DescribeImages",
          "ecr:GetDownloadUrlForLayer",
        ]
        Resource = local.repository_arns
      },
      {
        Sid      = "Secrets"
        Effect   = "Allow"
        Action   = "secretsmanager:DescribeSecret"
        Resource = [for secret in aws_secretsmanager_secret.service : secret.arn]
      },
    ]
  })
}
