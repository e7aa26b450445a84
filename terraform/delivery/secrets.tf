# The secrets without their values: Terraform never reads one, and its state holds none.

resource "aws_kms_key" "secrets" {
  description             = "Secrets of ${local.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 30

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "ThroughIam"
      Effect    = "Allow"
      Principal = { AWS = "arn:${data.aws_partition.current.partition}:iam::${var.account_id}:root" }
      Action    = "kms:*"
      Resource  = "*"
    }]
  })
}

# ../eks lets services decrypt with the key of this alias.
resource "aws_kms_alias" "secrets" {
  name          = "alias/${local.name}-secrets"
  target_key_id = aws_kms_key.secrets.key_id
}

resource "aws_secretsmanager_secret" "service" {
  for_each = var.secret_names

  name                    = each.value
  description             = "Credentials of the backing store of ${each.key}"
  kms_key_id              = aws_kms_key.secrets.arn
  recovery_window_in_days = var.secret_recovery_days
}

resource "aws_secretsmanager_secret_version" "first" {
  for_each = var.secret_value_versions

  secret_id                = aws_secretsmanager_secret.service[each.key].id
  secret_string_wo         = var.secret_values[each.key]
  secret_string_wo_version = each.value
}

resource "aws_secretsmanager_secret_rotation" "service" {
  for_each = var.rotation_function_arns

  secret_id           = aws_secretsmanager_secret.service[each.key].id
  rotation_lambda_arn = each.value

  # A secret that has no value yet can't be rotated.
  rotate_immediately = false

  rotation_rules {
    automatically_after_days = 30
  }
}
