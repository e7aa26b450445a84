mock_provider "aws" {
  source          = "../testing"
  override_during = plan
}

override_data {
  target = data.terraform_remote_state.vpc
  values = {
    outputs = {
      vpc_id                 = "vpc-0123456789abcdef0"
      public_subnet_cidrs    = ["10.0.1.0/24", "10.0.2.0/24"]
      private_subnet_ids     = ["subnet-0000000000000000a", "subnet-0000000000000000b"]
      datastore_cidrs        = ["10.0.11.0/24", "10.0.12.0/24"]
      node_security_group_id = "sg-0fedcba9876543210"

      load_balancer_security_group_id = "sg-0123456789abcdef0"
    }
  }
}

variables {
  environment    = "dev"
  account_id     = "111122223333"
  region         = "us-east-1"
  state_bucket   = "retail-dev-states"
  administrators = ["arn:aws:iam::111122223333:role/admin"]
}

run "defaults" {
  command = plan

  assert {
    condition     = aws_eks_cluster.main.name == "retail-dev-eksdemo" && aws_eks_cluster.main.version == "1.35"
    error_message = "the cluster is retail-dev-eksdemo at 1.35"
  }
  assert {
    condition     = aws_eks_cluster.main.enabled_cluster_log_types == toset(["api", "audit", "authenticator", "controllerManager", "scheduler"])
    error_message = "all five kinds of logs are on"
  }
  assert {
    condition     = aws_cloudwatch_log_group.cluster.name == "/aws/eks/retail-dev-eksdemo/cluster" && aws_cloudwatch_log_group.cluster.retention_in_days == 365
    error_message = "they go into a group with an end"
  }
  assert {
    condition     = one(aws_eks_cluster.main.encryption_config).provider[0].key_arn == aws_kms_key.cluster.arn && aws_kms_key.cluster.enable_key_rotation
    error_message = "Secrets are encrypted with a key that rotates"
  }
  assert {
    condition     = aws_eks_cluster.main.access_config[0].authentication_mode == "API" && !aws_eks_cluster.main.access_config[0].bootstrap_cluster_creator_admin_permissions
    error_message = "access is by entries, and the creator has none by itself"
  }
  assert {
    condition     = aws_eks_access_policy_association.main["arn:aws:iam::111122223333:role/admin"].policy_arn == "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
    error_message = "the administrator administers"
  }
  assert {
    condition     = one(aws_eks_cluster.main.vpc_config).endpoint_private_access && !one(aws_eks_cluster.main.vpc_config).endpoint_public_access && toset(one(aws_eks_cluster.main.vpc_config).subnet_ids) == toset(["subnet-0000000000000000a", "subnet-0000000000000000b"])
    error_message = "the API server is reached inside the VPC, from the private subnets"
  }
  assert {
    condition     = keys(aws_vpc_security_group_ingress_rule.nodes_from_cluster) == ["10250", "10251", "9443"] && aws_vpc_security_group_ingress_rule.cluster_from_nodes.from_port == 443
    error_message = "control plane and nodes talk on these ports only"
  }

  assert {
    condition     = aws_eks_node_group.main.ami_type == "AL2023_x86_64_STANDARD" && aws_eks_node_group.main.capacity_type == "ON_DEMAND" && aws_eks_node_group.main.instance_types == tolist(["t3.medium"])
    error_message = "nodes are AL2023 t3.medium on demand"
  }
  assert {
    condition     = [for scaling in aws_eks_node_group.main.scaling_config : "${scaling.min_size} ${scaling.desired_size} ${scaling.max_size}"] == ["2 2 5"]
    error_message = "two nodes, up to five"
  }
  assert {
    condition     = aws_launch_template.nodes.block_device_mappings[0].ebs[0].volume_type == "gp3" && aws_launch_template.nodes.block_device_mappings[0].ebs[0].encrypted == "true"
    error_message = "the root volume is encrypted gp3"
  }
  assert {
    condition     = aws_launch_template.nodes.metadata_options[0].http_tokens == "required" && aws_launch_template.nodes.metadata_options[0].http_put_response_hop_limit == 1
    error_message = "instance metadata is IMDSv2 and out of a pod's reach"
  }
  assert {
    condition     = keys(aws_iam_role_policy_attachment.nodes) == ["AmazonEC2ContainerRegistryPullOnly", "AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonSSMManagedInstanceCore", "CloudWatchAgentServerPolicy"]
    error_message = "the nodes' role has these policies"
  }

  assert {
    condition     = keys(aws_eks_addon.before_nodes) == ["eks-pod-identity-agent", "kube-proxy", "vpc-cni"] && keys(aws_eks_addon.main) == ["aws-ebs-csi-driver", "coredns", "metrics-server"]
    error_message = "network and identity are there before the nodes, the rest after"
  }
  assert {
    condition     = jsondecode(aws_eks_addon.before_nodes["vpc-cni"].configuration_values).enableNetworkPolicy == "true"
    error_message = "network policies are enforced"
  }
  assert {
    condition     = alltrue([for addon in merge(aws_eks_addon.before_nodes, aws_eks_addon.main) : addon.resolve_conflicts_on_create == "OVERWRITE" && addon.resolve_conflicts_on_update == "OVERWRITE" && addon.addon_version == "v1.2.3-eksbuild.4"])
    error_message = "add-ons have EKS's default version and own their fields"
  }
  assert {
    condition     = keys(module.roles) == ["catalog", "checkout", "collector", "ebs-csi", "load-balancer-controller", "orders"]
    error_message = "what has no backing store and no zone has no role"
  }
  assert {
    condition = output.service_accounts == {
      catalog                  = "retail-store/catalog"
      checkout                 = "retail-store/checkout"
      collector                = "observability/opentelemetry-collector"
      ebs-csi                  = "kube-system/ebs-csi-controller-sa"
      load-balancer-controller = "kube-system/aws-load-balancer-controller"
      orders                   = "retail-store/orders"
    }
    error_message = "the roles belong to these service accounts"
  }
  assert {
    condition     = length(local.load_balancer_controller_statements) == 16 && length(jsonencode(local.load_balancer_controller_statements)) < 10240
    error_message = "the controller's policy has its 16 statements and fits into a role"
  }
  assert {
    condition     = local.read_secret["orders"][0].Resource == "arn:aws:secretsmanager:us-east-1:111122223333:secret:orders-db-secret-??????" && local.read_secret["orders"][1].Condition["ForAnyValue:StringEquals"]["kms:ResourceAliases"] == "alias/retail-dev-secrets"
    error_message = "orders reads its own secret, with the key of the secrets"
  }
  assert {
    condition     = length(aws_applicationinsights_application.cluster) == 0 && length(aws_cloudwatch_log_group.telemetry) == 2
    error_message = "the collector's groups are made, Application Insights is not"
  }
  assert {
    condition = jsonencode(output.facts) == jsonencode({
      cluster           = "retail-dev-eksdemo"
      kubernetesVersion = "1.35"
      addons            = ["aws-ebs-csi-driver", "coredns", "eks-pod-identity-agent", "kube-proxy", "metrics-server", "vpc-cni"]
      values = {
        accountId       = "111122223333"
        region          = "us-east-1"
        clusterName     = "retail-dev-eksdemo"
        clusterEndpoint = "https://0123456789ABCDEF.gr7.us-east-1.eks.amazonaws.com"
        vpcId           = "vpc-0123456789abcdef0"
        network         = { loadBalancerCidrs = ["10.0.1.0/24", "10.0.2.0/24"], loadBalancerSecurityGroups = ["sg-0123456789abcdef0"], datastoreCidrs = ["10.0.11.0/24", "10.0.12.0/24"] }
        dns             = { zoneId = "", zoneNames = [], certificateArn = "" }
        storage         = { kmsKeyArn = "" }
        stores          = { catalogEndpoint = "", ordersEndpoint = "", ordersQueue = "", cartTable = "", checkoutEndpoint = "", checkoutPort = 6379 }
        telemetry       = { metricsLogGroup = "/retail/retail-dev-eksdemo/metrics", logsLogGroup = "/retail/retail-dev-eksdemo/logs" }
      }
    })
    error_message = "the facts hold what a chart must know"
  }
}

run "everything_turned_on" {
  command = plan

  variables {
    cluster_name                     = "shop"
    kubernetes_version               = "1.34"
    endpoint_public_access_cidrs     = ["203.0.113.0/24"]
    viewers                          = ["arn:aws:iam::111122223333:role/viewer"]
    node_instance_types              = ["m6i.large", "m5.large"]
    node_count                       = { desired = 3, min = 3, max = 12 }
    node_volume_gib                  = 50
    control_plane_log_retention_days = 90
    hosted_zones                     = { "shop.example.com" = "Z0123456789EXAMPLE" }
    certificate_arn                  = "arn:aws:acm:us-east-1:111122223333:certificate/9b8e7f60-1a2b-4c3d-8e4f-5a6b7c8d9e0f"
    volume_kms_key_arn               = "arn:aws:kms:us-east-1:111122223333:key/volumes"
    catalog_database_endpoint        = "catalog.example.us-east-1.rds.amazonaws.com:3306"
    orders_database_endpoint         = "orders.example.us-east-1.rds.amazonaws.com:5432"
    checkout_cache_endpoint          = "checkout.example.cache.amazonaws.com:6380"
    cart_table_arn                   = "arn:aws:dynamodb:us-east-1:111122223333:table/carts"
    cart_table_kms_key_arn           = "arn:aws:kms:us-east-1:111122223333:key/carts"
    orders_queue_arn                 = "arn:aws:sqs:us-east-1:111122223333:orders"
    orders_queue_kms_key_arn         = "arn:aws:kms:us-east-1:111122223333:key/orders"
    cloudwatch_observability_enabled = true
    application_insights_enabled     = true
    addons = {
      coredns      = { version = "v1.13.2-eksbuild.1", configuration_values = "{\"replicaCount\":3}", resolve_conflicts_on_update = "PRESERVE" }
      external-dns = { resolve_conflicts_on_create = "NONE" }
    }
  }

  assert {
    condition     = one(aws_eks_cluster.main.vpc_config).endpoint_public_access && one(aws_eks_cluster.main.vpc_config).public_access_cidrs == toset(["203.0.113.0/24"])
    error_message = "the given ranges reach the API server"
  }
  assert {
    condition     = aws_eks_access_policy_association.main["arn:aws:iam::111122223333:role/viewer"].policy_arn == "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"
    error_message = "the viewer looks"
  }
  assert {
    condition     = aws_eks_addon.main["coredns"].addon_version == "v1.13.2-eksbuild.1" && aws_eks_addon.main["coredns"].configuration_values == "{\"replicaCount\":3}" && aws_eks_addon.main["coredns"].resolve_conflicts_on_update == "PRESERVE"
    error_message = "an add-on is as it was pinned"
  }
  assert {
    condition     = keys(data.aws_eks_addon_version.default) == ["amazon-cloudwatch-observability", "aws-ebs-csi-driver", "eks-pod-identity-agent", "external-dns", "kube-proxy", "metrics-server", "vpc-cni"]
    error_message = "EKS is asked for the version of those that are not pinned"
  }
  assert {
    condition     = jsondecode(aws_eks_addon.main["external-dns"].configuration_values) == { policy = "sync", registry = "txt", sources = ["ingress"], txtOwnerId = "shop", domainFilters = ["shop.example.com"] } && aws_eks_addon.main["external-dns"].resolve_conflicts_on_create == "NONE"
    error_message = "external-dns keeps to its zone and its own records"
  }
  assert {
    condition     = keys(module.roles) == ["cart", "catalog", "checkout", "cloudwatch-agent", "collector", "ebs-csi", "external-dns", "load-balancer-controller", "orders"]
    error_message = "everything has its role"
  }
  assert {
    condition     = local.external_dns_statements[0].Resource == ["arn:aws:route53:::hostedzone/Z0123456789EXAMPLE"]
    error_message = "external-dns changes the given zone only"
  }
  assert {
    condition     = [for statement in local.cart_statements : statement.Resource] == ["arn:aws:dynamodb:us-east-1:111122223333:table/carts", "arn:aws:dynamodb:us-east-1:111122223333:table/carts/index/idx_global_customerId", "arn:aws:kms:us-east-1:111122223333:key/carts"]
    error_message = "cart has its table, its index and their key"
  }
  assert {
    condition     = [for statement in local.orders_queue_statements : statement.Resource] == ["arn:aws:sqs:us-east-1:111122223333:orders", "arn:aws:kms:us-east-1:111122223333:key/orders"]
    error_message = "orders has its queue and its key"
  }
  assert {
    condition     = length(local.ebs_csi_key_statements) == 2
    error_message = "the EBS driver may use the volumes' key"
  }
  assert {
    condition     = jsondecode(aws_resourcegroups_group.cluster[0].resource_query[0].query).TagFilters[0].Values == ["shop"]
    error_message = "Application Insights looks at what bears the cluster's tag"
  }
  assert {
    condition     = jsonencode(output.facts.values.dns) == jsonencode({ zoneId = "Z0123456789EXAMPLE", zoneNames = ["shop.example.com"], certificateArn = var.certificate_arn })
    error_message = "the facts name zone and certificate"
  }
  assert {
    condition     = output.facts.values.stores.ordersQueue == "orders" && output.facts.values.stores.cartTable == "carts" && output.facts.values.stores.checkoutPort == 6380
    error_message = "the facts name queue and table, and the cache's port"
  }
  assert {
    condition     = [for scaling in aws_eks_node_group.main.scaling_config : "${scaling.min_size} ${scaling.desired_size} ${scaling.max_size}"] == ["3 3 12"] && aws_launch_template.nodes.block_device_mappings[0].ebs[0].volume_size == 50
    error_message = "the nodes are as asked"
  }
}

run "charts_own_what_they_may" {
  command = plan

  variables {
    hosted_zones                     = { "shop.example.com" = "Z0123456789EXAMPLE" }
    collector_enabled                = false
    cloudwatch_observability_enabled = true
    addons = {
      amazon-cloudwatch-observability = { enabled = false }
      aws-ebs-csi-driver              = { enabled = false }
      external-dns                    = { enabled = false }
      metrics-server                  = { enabled = false }
    }
  }

  assert {
    condition     = keys(aws_eks_addon.main) == ["coredns"] && join(" ", output.facts.addons) == "coredns eks-pod-identity-agent kube-proxy vpc-cni"
    error_message = "add-ons that a chart owns are not installed, and the facts say so"
  }
  assert {
    condition     = keys(module.roles) == ["catalog", "checkout", "ebs-csi", "external-dns", "load-balancer-controller", "orders"]
    error_message = "the charts find their roles all the same"
  }
  assert {
    condition     = length(aws_cloudwatch_log_group.telemetry) == 0
    error_message = "without a collector there are no groups for it"
  }
}
