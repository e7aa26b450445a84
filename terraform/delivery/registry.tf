# Image repositories, and the role with which GitHub's workflows push to them.

data "aws_partition" "current" {}

locals {
  name = "${var.project}-${var.environment}"

  repositories = var.registry_enabled ? toset([for service in var.services : "${var.project}-store/${service}"]) : toset([])
}

resource "aws_kms_key" "images" {
  count = var.registry_enabled ? 1 : 0

  description             = "Images of ${var.project}"
  enable_key_rotation     = true
  deletion_window_in_days = 30

  # ECR works by grants that it asks for on behalf of who makes a repository; who pulls needs no right to the key.
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

resource "aws_kms_alias" "images" {
  count = var.registry_enabled ? 1 : 0

  name          = "alias/${local.name}-images"
  target_key_id = aws_kms_key.images[0].key_id
}

resource "aws_ecr_repository" "service" {
  for_each = local.repositories

  name                 = each.key
  image_tag_mutability = "IMMUTABLE"

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = aws_kms_key.images[0].arn
  }

  image_scanning_configuration {
    scan_on_push = true
  }
}

resource "aws_ecr_lifecycle_policy" "service" {
  for_each = local.repositories

  repository = aws_ecr_repository.service[each.key].name

  # An image falls under the first rule that matches it: one with a version as a tag is a release that some cluster
  # may run, and stays even if it bears a build's tag too.
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        description  = "Releases stay"
        selection    = { tagStatus = "tagged", tagPatternList = ["*.*.*"], countType = "imageCountMoreThan", countNumber = 10000 }
        action       = { type = "expire" }
      },
      {
        rulePriority = 2
        description  = "Builds: the newest ${var.image_retention.build_count}"
        selection    = { tagStatus = "tagged", tagPrefixList = [var.image_retention.build_prefix], countType = "imageCountMoreThan", countNumber = var.image_retention.build_count }
        action       = { type = "expire" }
      },
      {
        rulePriority = 3
        description  = "Untagged: ${var.image_retention.untagged_days} days"
        selection    = { tagStatus = "untagged", countType = "sinceImagePushed", countUnit = "days", countNumber = var.image_retention.untagged_days }
        action       = { type = "expire" }
      },
    ]
  })
}

resource "aws_ecr_repository_policy" "pull" {
  for_each = length(var.pull_account_ids) > 0 ? local.repositories : toset([])

  repository = aws_ecr_repository.service[each.key].name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      # Pulling, and what the other environments' gates ask.
      Sid       = "OtherEnvironmentsPull"
      Effect    = "Allow"
      Principal = { AWS = [for id in var.pull_account_ids : "arn:${data.aws_partition.current.partition}:iam::${id}:root"] }
      Action    = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:DescribeImageScanFindings", "ecr:DescribeImages", "ecr:GetDownloadUrlForLayer"]
    }]
  })
}
