resource "aws_iam_role" "nodes" {
  name        = "${local.name}-nodes"
  description = "Nodes of ${local.name}"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ec2.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy_attachment" "nodes" {
  for_each = toset([
    "AmazonEKSWorkerNodePolicy",
    "AmazonEKS_CNI_Policy",
    "AmazonEC2ContainerRegistryPullOnly",
    "CloudWatchAgentServerPolicy",
    "AmazonSSMManagedInstanceCore",
  ])

  role       = aws_iam_role.nodes.name
  policy_arn = "${local.managed_policies}/${each.key}"
}

resource "aws_launch_template" "nodes" {
  name        = "${local.name}-nodes"
  description = "Nodes of ${local.name}"

  vpc_security_group_ids = [local.vpc.node_security_group_id]

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_type           = "gp3"
      volume_size           = var.node_volume_gib
      encrypted             = true
      delete_on_termination = true
    }
  }

  # One hop ends on the node: a pod can't take the node's credentials, and uses those of its own role.
  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  monitoring {
    enabled = true
  }

  # The provider's default tags do not reach what a launch template makes.
  dynamic "tag_specifications" {
    for_each = toset(["instance", "volume", "network-interface"])

    content {
      resource_type = tag_specifications.value
      tags = merge(var.tags, {
        Name        = "${local.name}-node"
        Project     = var.project
        Environment = var.environment
        Stack       = "eks"
        ManagedBy   = "terraform"
        Cluster     = local.name
      })
    }
  }
}

resource "aws_eks_node_group" "main" {
  cluster_name    = aws_eks_cluster.main.name
  node_group_name = "${local.name}-nodes"
  node_role_arn   = aws_iam_role.nodes.arn
  subnet_ids      = local.vpc.private_subnet_ids
  version         = aws_eks_cluster.main.version

  ami_type       = "AL2023_x86_64_STANDARD"
  capacity_type  = "ON_DEMAND"
  instance_types = var.node_instance_types

  scaling_config {
    desired_size = var.node_count.desired
    min_size     = var.node_count.min
    max_size     = var.node_count.max
  }

  update_config {
    max_unavailable = 1
  }

  launch_template {
    id      = aws_launch_template.nodes.id
    version = aws_launch_template.nodes.latest_version
  }

  # A node joins only once it may pull images, has a network, and can reach the API server; pods that start on it must
  # find their credentials at once.
  depends_on = [
    aws_iam_role_policy_attachment.nodes,
    aws_eks_addon.before_nodes,
    aws_vpc_security_group_ingress_rule.cluster_from_nodes,
    aws_vpc_security_group_ingress_rule.nodes_from_cluster,
  ]

  lifecycle {
    # An autoscaler changes it.
    ignore_changes = [scaling_config[0].desired_size]
  }
}
