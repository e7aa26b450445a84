mock_provider "aws" {
  source          = "../testing"
  override_during = plan
}

variables {
  environment       = "dev"
  account_id        = "111122223333"
  region            = "us-east-1"
  github_repository = "example/retail-eks"
}

run "defaults" {
  command = plan

  assert {
    condition     = keys(aws_ecr_repository.service) == ["retail-store/cart", "retail-store/catalog", "retail-store/checkout", "retail-store/orders", "retail-store/ui"]
    error_message = "each service has a repository"
  }
  assert {
    condition = alltrue([
      for repository in aws_ecr_repository.service :
      repository.image_tag_mutability == "IMMUTABLE" && repository.image_scanning_configuration[0].scan_on_push && repository.encryption_configuration[0].encryption_type == "KMS"
    ])
    error_message = "tags are immutable, images scanned and encrypted"
  }
  assert {
    condition     = [for rule in jsondecode(aws_ecr_lifecycle_policy.service["retail-store/ui"].policy).rules : rule.selection.tagStatus] == ["tagged", "tagged", "untagged"]
    error_message = "releases are protected before builds and untagged images expire"
  }
  assert {
    condition     = length(aws_ecr_repository_policy.pull) == 0
    error_message = "no other account pulls unless it is named"
  }
  assert {
    condition = jsondecode(aws_iam_role.push[0].assume_role_policy).Statement[0].Condition == {
      StringEquals = {
        "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
        "token.actions.githubusercontent.com:sub" = ["repo:example/retail-eks:ref:refs/heads/main"]
      }
    }
    error_message = "only workflows of the main branch take the role, compared without wildcards"
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.push[0].policy).Statement[1].Resource == [for repository in aws_ecr_repository.service : repository.arn]
    error_message = "the role pushes to these repositories only"
  }
  assert {
    condition     = alltrue(flatten([for statement in jsondecode(aws_iam_role_policy.push[0].policy).Statement : [for action in flatten([statement.Action]) : startswith(action, "ecr:") && !strcontains(action, "Delete")]]))
    error_message = "the role does nothing but push images"
  }
  assert {
    condition     = [for secret in aws_secretsmanager_secret.service : secret.name] == ["catalog-db-secret", "checkout-redis-secret", "orders-db-secret"]
    error_message = "there is a secret for catalog, checkout and orders"
  }
  assert {
    condition     = alltrue([for secret in aws_secretsmanager_secret.service : secret.kms_key_id == aws_kms_key.secrets.arn && secret.recovery_window_in_days == 30])
    error_message = "secrets have their own key and can be brought back for 30 days"
  }
  assert {
    condition     = aws_kms_key.secrets.enable_key_rotation && aws_kms_alias.secrets.name == "alias/retail-dev-secrets"
    error_message = "the key rotates and has the alias by which terraform/eks knows it"
  }
  assert {
    condition     = length(aws_secretsmanager_secret_version.first) + length(aws_secretsmanager_secret_rotation.service) == 0
    error_message = "no value and no rotation without being asked"
  }
  assert {
    condition     = length(aws_iam_role.gates) + length(aws_iam_role_policy.gates) == 0 && output.gates_role_arn == null
    error_message = "nobody asks for the gates unless it is switched on"
  }
}

run "everything_turned_on" {
  command = plan

  variables {
    github_branch            = "trunk"
    github_environments      = ["production", "staging"]
    github_oidc_provider_arn = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
    pull_account_ids         = ["444455556666"]
    image_retention          = { build_count = 5, build_prefix = "build-" }
    secret_recovery_days     = 7
    rotation_function_arns   = { catalog = "arn:aws:lambda:us-east-1:111122223333:function:rotate" }
    secret_values            = { catalog = "{\"username\":\"catalog\",\"password\":\"not-a-password\"}" }
    secret_value_versions    = { catalog = 1 }
    gates_enabled            = true
  }

  assert {
    condition     = jsonencode(output.github_subjects) == jsonencode(["repo:example/retail-eks:ref:refs/heads/trunk", "repo:example/retail-eks:environment:production", "repo:example/retail-eks:environment:staging"])
    error_message = "the branch and each environment may push"
  }
  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 0 && jsondecode(aws_iam_role.push[0].assume_role_policy).Statement[0].Principal.Federated == var.github_oidc_provider_arn
    error_message = "the provider that is there is used"
  }
  assert {
    condition     = jsondecode(aws_ecr_repository_policy.pull["retail-store/ui"].policy).Statement[0].Principal.AWS == ["arn:aws:iam::444455556666:root"]
    error_message = "the other account pulls"
  }
  assert {
    condition     = length(setsubtract(jsondecode(aws_iam_role_policy.gates[0].policy).Statement[0].Action, jsondecode(aws_ecr_repository_policy.pull["retail-store/ui"].policy).Statement[0].Action)) == 0
    error_message = "the other account's gates ask for images as this one's do"
  }
  assert {
    condition     = jsondecode(aws_ecr_lifecycle_policy.service["retail-store/ui"].policy).rules[1].selection.tagPrefixList == ["build-"]
    error_message = "builds are those with the given prefix"
  }
  assert {
    condition     = aws_secretsmanager_secret_rotation.service["catalog"].rotation_rules[0].automatically_after_days == 30 && aws_secretsmanager_secret.service["orders"].recovery_window_in_days == 7
    error_message = "what has a function rotates every 30 days"
  }
  assert {
    condition     = aws_secretsmanager_secret_version.first["catalog"].secret_string == null && aws_secretsmanager_secret_version.first["catalog"].secret_string_wo_version == 1
    error_message = "a value goes to AWS by the write-only argument and stays out of the state"
  }
}

run "registry_elsewhere" {
  command = plan

  variables {
    registry_enabled = false
  }

  assert {
    condition     = length(aws_ecr_repository.service) + length(aws_iam_role.push) + length(aws_iam_openid_connect_provider.github) + length(aws_kms_key.images) == 0
    error_message = "an environment that pulls from another has no registry"
  }
  assert {
    condition     = output.push_role_arn == null && length(output.secret_arns) == 3
    error_message = "it has its secrets all the same"
  }
}

run "gates_of_the_environment_with_the_registry" {
  command = plan

  variables {
    gates_enabled             = true
    gates_github_environments = ["dev"]
    github_environments       = ["build"]
  }

  assert {
    condition     = aws_iam_role.gates[0].name == "retail-dev-gates" && output.gates_role_arn == aws_iam_role.gates[0].arn
    error_message = "the role is named as everything else, and is an output"
  }
  assert {
    condition = jsondecode(aws_iam_role.gates[0].assume_role_policy).Statement == [{
      Sid       = "Workflows"
      Effect    = "Allow"
      Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = {
          "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
          "token.actions.githubusercontent.com:sub" = ["repo:example/retail-eks:ref:refs/heads/main", "repo:example/retail-eks:environment:dev"]
        }
      }
    }]
    error_message = "workflows of the branch and of the environments that are named take it, compared without wildcards"
  }
  assert {
    condition     = jsonencode(output.github_subjects) == jsonencode(["repo:example/retail-eks:ref:refs/heads/main", "repo:example/retail-eks:environment:build"])
    error_message = "who asks the gates may not push for that"
  }
  assert {
    condition = jsondecode(aws_iam_role_policy.gates[0].policy).Statement == [
      {
        Sid      = "Images"
        Effect   = "Allow"
        Action   = ["ecr:BatchGetImage", "ecr:DescribeImageScanFindings", "ecr:DescribeImages", "ecr:GetDownloadUrlForLayer"]
        Resource = [for service in ["cart", "catalog", "checkout", "orders", "ui"] : "arn:aws:ecr:us-east-1:111122223333:repository/retail-store/${service}"]
      },
      {
        Sid      = "Secrets"
        Effect   = "Allow"
        Action   = "secretsmanager:DescribeSecret"
        Resource = [for secret in aws_secretsmanager_secret.service : secret.arn]
      },
    ]
    error_message = "it looks at these images and secrets and does nothing else: no secret's value"
  }
}

run "gates_of_an_environment_without_a_registry" {
  command = plan

  variables {
    registry_enabled          = false
    registry                  = { account_id = "444455556666", region = "eu-central-1" }
    gates_enabled             = true
    gates_github_environments = ["prod"]
    gates_principal_arns      = ["arn:aws:iam::444455556666:role/developers"]
  }

  assert {
    condition     = alltrue([for arn in jsondecode(aws_iam_role_policy.gates[0].policy).Statement[0].Resource : startswith(arn, "arn:aws:ecr:eu-central-1:444455556666:repository/retail-store/")])
    error_message = "it looks into the registry that the environment pulls from"
  }
  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 1 && length(aws_iam_role.push) == 0
    error_message = "GitHub is known to this account too, and pushes nothing"
  }
  assert {
    condition     = jsondecode(aws_iam_role.gates[0].assume_role_policy).Statement[1] == { Sid = "Named", Effect = "Allow", Principal = { AWS = ["arn:aws:iam::444455556666:role/developers"] }, Action = "sts:AssumeRole" }
    error_message = "who is named takes it, and nobody else"
  }
}

run "gates_for_people_only" {
  command = plan

  variables {
    registry_enabled     = false
    github_repository    = ""
    gates_enabled        = true
    gates_principal_arns = ["arn:aws:iam::111122223333:role/developers"]
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 0 && [for statement in jsondecode(aws_iam_role.gates[0].assume_role_policy).Statement : statement.Action] == ["sts:AssumeRole"]
    error_message = "without a repository no workflow takes it"
  }
}
