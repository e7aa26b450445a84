locals {
  # What each add-on is told unless `addons` says otherwise. Keys are those of the add-on's own schema:
  # `aws eks describe-addon-configuration`.
  addon_defaults = {
    vpc-cni                = { enabled = true, before_nodes = true, configuration = { enableNetworkPolicy = "true" } }
    kube-proxy             = { enabled = true, before_nodes = true, configuration = {} }
    eks-pod-identity-agent = { enabled = true, before_nodes = true, configuration = {} }
    coredns                = { enabled = true, before_nodes = false, configuration = {} }
    metrics-server         = { enabled = true, before_nodes = false, configuration = {} }
    # The provider's default tags do not reach what the driver makes.
    aws-ebs-csi-driver = { enabled = true, before_nodes = false, configuration = { controller = { extraVolumeTags = { Cluster = local.name } } } }
    # Two clusters with one owner id would delete each other's records.
    external-dns = {
      enabled       = length(var.hosted_zones) > 0
      before_nodes  = false
      configuration = { policy = "sync", registry = "txt", sources = ["ingress"], txtOwnerId = local.name, domainFilters = keys(var.hosted_zones) }
    }
    amazon-cloudwatch-observability = { enabled = var.cloudwatch_observability_enabled, before_nodes = false, configuration = {} }
  }

  addons = {
    for name, addon in local.addon_defaults : name => {
      before_nodes                = addon.before_nodes
      version                     = try(var.addons[name].version, "")
      configuration_values        = try(var.addons[name].configuration_values, "") != "" ? var.addons[name].configuration_values : (length(addon.configuration) > 0 ? jsonencode(addon.configuration) : null)
      resolve_conflicts_on_create = try(var.addons[name].resolve_conflicts_on_create, "OVERWRITE")
      resolve_conflicts_on_update = try(var.addons[name].resolve_conflicts_on_update, "OVERWRITE")
    } if addon.enabled && try(var.addons[name].enabled, true)
  }

  addon_versions = {
    for name, addon in local.addons : name => addon.version != "" ? addon.version : data.aws_eks_addon_version.default[name].version
  }
}

# EKS's default for the Kubernetes version, so that an add-on follows the cluster through an upgrade. The default moves
# now and then: pin `version` where a plan must show only what somebody changed.
data "aws_eks_addon_version" "default" {
  for_each = { for name, addon in local.addons : name => addon if addon.version == "" }

  addon_name         = each.key
  kubernetes_version = var.kubernetes_version
}

resource "aws_eks_addon" "before_nodes" {
  for_each = { for name, addon in local.addons : name => addon if addon.before_nodes }

  cluster_name                = aws_eks_cluster.main.name
  addon_name                  = each.key
  addon_version               = local.addon_versions[each.key]
  configuration_values        = each.value.configuration_values
  resolve_conflicts_on_create = each.value.resolve_conflicts_on_create
  resolve_conflicts_on_update = each.value.resolve_conflicts_on_update
}

resource "aws_eks_addon" "main" {
  for_each = { for name, addon in local.addons : name => addon if !addon.before_nodes }

  cluster_name                = aws_eks_cluster.main.name
  addon_name                  = each.key
  addon_version               = local.addon_versions[each.key]
  configuration_values        = each.value.configuration_values
  resolve_conflicts_on_create = each.value.resolve_conflicts_on_create
  resolve_conflicts_on_update = each.value.resolve_conflicts_on_update

  # Their pods need nodes, and their roles from the first second: a pod that was there before its association gets none.
  depends_on = [aws_eks_node_group.main, module.roles]
}
