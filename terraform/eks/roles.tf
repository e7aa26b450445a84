# One role for each service account, by least actions and resources. A service whose backing store is not given has no
# role: it keeps its data in memory.

locals {
  secret_arn_prefix = "arn:${local.partition}:secretsmanager:${var.region}:${var.account_id}:secret"
  secrets_key_alias = "alias/${var.project}-${var.environment}-secrets"

  # Secrets Manager puts six characters behind the name. The key is known by its alias, because ../delivery makes it
  # later; the encryption context keeps each service to its own secret even though the key is shared.
  read_secret = {
    for service, name in var.secret_names : service => [
      {
        Sid      = "ReadSecret"
        Effect   = "Allow"
        Action   = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
        Resource = "${local.secret_arn_prefix}:${name}-??????"
      },
      {
        Sid      = "DecryptSecret"
        Effect   = "Allow"
        Action   = "kms:Decrypt"
        Resource = "arn:${local.partition}:kms:${var.region}:${var.account_id}:key/*"
        Condition = {
          StringEquals               = { "kms:ViaService" = "secretsmanager.${var.region}.amazonaws.com" }
          "ForAnyValue:StringEquals" = { "kms:ResourceAliases" = local.secrets_key_alias }
          StringLike                 = { "kms:EncryptionContext:SecretARN" = "${local.secret_arn_prefix}:${name}-??????" }
        }
      },
    ]
  }

  cart_statements = concat(
    [
      {
        Sid      = "Items"
        Effect   = "Allow"
        Action   = ["dynamodb:DeleteItem", "dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
        Resource = var.cart_table_arn
      },
      {
        Sid      = "ItemsOfCustomer"
        Effect   = "Allow"
        Action   = "dynamodb:Query"
        Resource = "${var.cart_table_arn}/index/idx_global_customerId"
      },
    ],
    [
      for arn in compact([var.cart_table_kms_key_arn]) : {
        Sid       = "TableKey"
        Effect    = "Allow"
        Action    = "kms:Decrypt"
        Resource  = arn
        Condition = { StringEquals = { "kms:ViaService" = "dynamodb.${var.region}.amazonaws.com" } }
      }
    ],
  )

  orders_queue_statements = concat(
    [
      for arn in compact([var.orders_queue_arn]) : {
        Sid      = "SendOrders"
        Effect   = "Allow"
        Action   = ["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:SendMessage"]
        Resource = arn
      }
    ],
    [
      for arn in compact([var.orders_queue_kms_key_arn]) : {
        Sid       = "QueueKey"
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = arn
        Condition = { StringEquals = { "kms:ViaService" = "sqs.${var.region}.amazonaws.com" } }
      }
    ],
  )

  external_dns_statements = [
    {
      Sid      = "Records"
      Effect   = "Allow"
      Action   = ["route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets", "route53:ListTagsForResources"]
      Resource = [for id in values(var.hosted_zones) : "arn:${local.partition}:route53:::hostedzone/${id}"]
    },
    {
      # The action takes no resource.
      Sid      = "FindZones"
      Effect   = "Allow"
      Action   = "route53:ListHostedZones"
      Resource = "*"
    },
  ]

  ebs_csi_key_statements = flatten([
    for arn in compact([var.volume_kms_key_arn]) : [
      {
        Sid       = "VolumeKeyGrants"
        Effect    = "Allow"
        Action    = ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]
        Resource  = arn
        Condition = { Bool = { "kms:GrantIsForAWSResource" = ["true"] } }
      },
      {
        Sid       = "VolumeKey"
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
        Resource  = arn
        Condition = {}
      },
    ]
  ])

  collector_statements = [
    {
      Sid      = "Traces"
      Effect   = "Allow"
      Action   = ["xray:GetSamplingRules", "xray:GetSamplingStatisticSummaries", "xray:GetSamplingTargets", "xray:PutTelemetryRecords", "xray:PutTraceSegments"]
      Resource = "*"
    },
    {
      # Metrics travel as log events too, in CloudWatch's embedded metric format.
      Sid      = "LogsAndMetrics"
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
      Resource = [for group in local.telemetry_log_groups : "${local.log_group_arn_prefix}:${group}:*"]
    },
  ]

  # Statements travel as JSON, because each has its own shape and Terraform wants one for all.
  all_roles = {
    load-balancer-controller = {
      enabled     = true, account = var.service_accounts.load_balancer_controller, managed = {}
      description = "AWS Load Balancer Controller", statements = jsonencode(local.load_balancer_controller_statements)
    }
    ebs-csi = {
      enabled = true, account = "kube-system/ebs-csi-controller-sa"
      # It acts only on volumes that bear the driver's tag, unlike the first policy of that name.
      managed     = { driver = "${local.managed_policies}/AmazonEBSCSIDriverPolicyV2" }
      description = "EBS CSI driver", statements = jsonencode(local.ebs_csi_key_statements)
    }
    external-dns = {
      enabled     = length(var.hosted_zones) > 0, account = var.service_accounts.external_dns, managed = {}
      description = "external-dns", statements = jsonencode(local.external_dns_statements)
    }
    catalog = {
      enabled     = true, account = var.service_accounts.catalog, managed = {}
      description = "catalog reads its database's password", statements = jsonencode(local.read_secret["catalog"])
    }
    cart = {
      enabled     = var.cart_table_arn != "", account = var.service_accounts.cart, managed = {}
      description = "cart keeps carts in DynamoDB", statements = jsonencode(local.cart_statements)
    }
    orders = {
      enabled     = true, account = var.service_accounts.orders, managed = {}
      description = "orders reads its database's password and sends to its queue", statements = jsonencode(concat(local.read_secret["orders"], local.orders_queue_statements))
    }
    checkout = {
      enabled     = true, account = var.service_accounts.checkout, managed = {}
      description = "checkout reads its cache's password", statements = jsonencode(local.read_secret["checkout"])
    }
    collector = {
      enabled     = var.collector_enabled, account = var.service_accounts.collector, managed = {}
      description = "OpenTelemetry collector writes to CloudWatch and X-Ray", statements = jsonencode(local.collector_statements)
    }
    cloudwatch-agent = {
      enabled = contains(keys(local.addons), "amazon-cloudwatch-observability"), account = "amazon-cloudwatch/cloudwatch-agent"
      managed = {
        agent  = "${local.managed_policies}/CloudWatchAgentServerPolicy"
        traces = "${local.managed_policies}/AWSXrayWriteOnlyAccess"
      }
      description = "CloudWatch agent of the amazon-cloudwatch-observability add-on", statements = "[]"
    }
  }
}

module "roles" {
  source   = "../modules/pod-identity-role"
  for_each = { for name, role in local.all_roles : name => role if role.enabled }

  name        = "${local.name}-${each.key}"
  description = each.value.description

  cluster_name = aws_eks_cluster.main.name
  cluster_arn  = local.cluster_arn
  account_id   = var.account_id

  namespace           = split("/", each.value.account)[0]
  service_account     = split("/", each.value.account)[1]
  statements          = jsondecode(each.value.statements)
  managed_policy_arns = each.value.managed
}
