output "cluster_name" {
  description = "Name of the cluster"
  value       = aws_eks_cluster.main.name
}

output "cluster_arn" {
  description = "ARN of the cluster"
  value       = aws_eks_cluster.main.arn
}

output "cluster_endpoint" {
  description = "URL of the API server"
  value       = aws_eks_cluster.main.endpoint
}

output "cluster_certificate_authority" {
  description = "Certificate authority of the API server, in base64; public, as in every kubeconfig"
  value       = aws_eks_cluster.main.certificate_authority[0].data
}

output "cluster_security_group_id" {
  description = "Security group that EKS gave the control plane"
  value       = local.cluster_security_group_id
}

output "kubernetes_version" {
  description = "Kubernetes version of the cluster"
  value       = aws_eks_cluster.main.version
}

output "kms_key_arn" {
  description = "KMS key of the cluster's Secrets and logs"
  value       = aws_kms_key.cluster.arn
}

output "addon_versions" {
  description = "Add-ons that Terraform installed, with their versions; pin these in `addons`"
  value       = { for name, addon in merge(aws_eks_addon.before_nodes, aws_eks_addon.main) : name => addon.addon_version }
}

output "node_role_arn" {
  description = "Role of the nodes"
  value       = aws_iam_role.nodes.arn
}

output "role_arns" {
  description = "Roles that pods assume, by what assumes them"
  value       = { for name, role in module.roles : name => role.role_arn }
}

output "service_accounts" {
  description = "Service accounts that assume these roles, as NAMESPACE/NAME; a chart must use the same"
  value       = { for name, role in module.roles : name => role.service_account }
}

output "application_insights_arn" {
  description = "Application of CloudWatch Application Insights; null without one"
  value       = one(aws_applicationinsights_application.cluster[*].arn)
}

output "facts" {
  description = "What releases/facts/CLUSTER.yaml holds: all that a chart must know of the cluster, and no secret"
  value = {
    cluster           = aws_eks_cluster.main.name
    kubernetesVersion = aws_eks_cluster.main.version
    addons            = sort(keys(local.addons))
    values = {
      accountId       = var.account_id
      region          = var.region
      clusterName     = aws_eks_cluster.main.name
      clusterEndpoint = aws_eks_cluster.main.endpoint
      vpcId           = local.vpc.vpc_id
      network = {
        # An internet-facing load balancer has its addresses in the public subnets.
        loadBalancerCidrs          = local.vpc.public_subnet_cidrs
        loadBalancerSecurityGroups = [local.vpc.load_balancer_security_group_id]
        datastoreCidrs             = local.vpc.datastore_cidrs
      }
      dns = {
        zoneId         = try(values(var.hosted_zones)[0], "")
        zoneNames      = keys(var.hosted_zones)
        certificateArn = var.certificate_arn
      }
      storage = {
        kmsKeyArn = var.volume_kms_key_arn
      }
      stores = {
        catalogEndpoint  = var.catalog_database_endpoint
        ordersEndpoint   = var.orders_database_endpoint
        ordersQueue      = try(split(":", var.orders_queue_arn)[5], "")
        cartTable        = try(split("/", var.cart_table_arn)[1], "")
        checkoutEndpoint = var.checkout_cache_endpoint
        checkoutPort     = try(tonumber(split(":", var.checkout_cache_endpoint)[1]), 6379)
      }
      telemetry = {
        metricsLogGroup = local.telemetry_log_groups.metrics
        logsLogGroup    = local.telemetry_log_groups.logs
      }
    }
  }
}
