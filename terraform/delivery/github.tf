locals {
  github_host = "token.actions.githubusercontent.com"

  # Whole subjects, compared as they are: a wildcard would let in workflows of pull requests and of other repositories.
  github_subject = "repo:${var.github_repository}"
  branch_subject = "${local.github_subject}:ref:refs/heads/${var.github_branch}"
  github_subjects = {
    for role, environments in {
      push  = var.registry_enabled ? var.github_environments : null
      gates = var.gates_enabled && var.github_repository != "" ? var.gates_github_environments : null
    } :
    role => concat([local.branch_subject], [for environment in environments : "${local.github_subject}:environment:${environment}"])
    if environments != null
  }

  # Who may take a role by OIDC: a statement for each role.
  github_trust = {
    for role, subjects in local.github_subjects :
    role => {
      Effect    = "Allow"
      Principal = { Federated = local.github_provider_arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = {
          "${local.github_host}:aud" = "sts.amazonaws.com"
          "${local.github_host}:sub" = subjects
        }
      }
    }
  }

  github_enabled      = var.github_repository != "" && (var.registry_enabled || var.gates_enabled)
  github_provider_arn = var.github_oidc_provider_arn != "" ? var.github_oidc_provider_arn : one(aws_iam_openid_connect_provider.github[*].arn)
}

resource "aws_iam_openid_connect_provider" "github" {
  count = local.github_enabled && var.github_oidc_provider_arn == "" ? 1 : 0

  # AWS trusts GitHub's certificate by its authority, so that no thumbprint is given.
  url            = "https://${local.github_host}"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_role" "push" {
  count = var.registry_enabled ? 1 : 0

  name        = "${local.name}-image-push"
  description = "Workflows of ${var.github_repository} push images"

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [local.github_trust.push]
  })
}

resource "aws_iam_role_policy" "push" {
  count = var.registry_enabled ? 1 : 0

  name = "push"
  role = aws_iam_role.push[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        # The action takes no resource.
        Sid      = "LogIn"
        Effect   = "Allow"
        Action   = "ecr:GetAuthorizationToken"
        Resource = "*"
      },
      {
        Sid    = "Push"
        Effect = "Allow"
        Action = [
          "ecr:BatchCheckLayerAvailability",
          "ecr:BatchGetImage",
          "ecr:CompleteLayerUpload",
          "ecr:InitiateLayerUpload",
          "ecr:PutImage",
          "ecr:UploadLayerPart",
        ]
        Resource = [for repository in aws_ecr_repository.service : repository.arn]
      },
    ]
  })
}
