# The edges between the control plane and the nodes; all others are in ../vpc, which makes the nodes' security group.

locals {
  cluster_security_group_id = aws_eks_cluster.main.vpc_config[0].cluster_security_group_id
}

resource "aws_vpc_security_group_ingress_rule" "cluster_from_nodes" {
  security_group_id            = local.cluster_security_group_id
  description                  = "Nodes and pods call the API server"
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  referenced_security_group_id = local.vpc.node_security_group_id
}

resource "aws_vpc_security_group_ingress_rule" "nodes_from_cluster" {
  for_each = { for port in var.control_plane_to_node_ports : tostring(port) => port }

  security_group_id            = local.vpc.node_security_group_id
  description                  = "The control plane calls kubelets, metrics and webhooks"
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
  referenced_security_group_id = local.cluster_security_group_id
}
