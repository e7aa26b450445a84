# Who may talk to whom. What involves the control plane is in ../eks, which knows its security group. Rules for DNS and
# time are not needed: security groups do not filter the VPC's own resolver and clock.

resource "aws_security_group" "load_balancer" {
  # checkov:skip=CKV2_AWS_5:The load balancer that the controller makes in the cluster takes it by an annotation
  name        = "${local.name}-load-balancer"
  description = "The store's load balancer"
  vpc_id      = aws_vpc.main.id

  tags = { Name = "${local.name}-load-balancer" }
}

resource "aws_vpc_security_group_ingress_rule" "load_balancer" {
  for_each = { for pair in setproduct([80, 443], var.load_balancer_ingress_cidrs) : "${pair[0]}-${pair[1]}" => { port = pair[0], cidr = pair[1] } }

  security_group_id = aws_security_group.load_balancer.id
  description       = "Customers"
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
  cidr_ipv4         = each.value.cidr
}

resource "aws_vpc_security_group_egress_rule" "load_balancer_to_nodes" {
  for_each = { for port in var.load_balancer_target_ports : tostring(port) => port }

  security_group_id            = aws_security_group.load_balancer.id
  description                  = "Requests and health checks to pods"
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
  referenced_security_group_id = aws_security_group.nodes.id
}

resource "aws_security_group" "nodes" {
  # checkov:skip=CKV2_AWS_5:The launch template in ../eks takes it
  name        = "${local.name}-nodes"
  description = "Nodes of the cluster, and the pods on them"
  vpc_id      = aws_vpc.main.id

  tags = { Name = "${local.name}-nodes" }
}

resource "aws_vpc_security_group_ingress_rule" "nodes_from_load_balancer" {
  for_each = { for port in var.load_balancer_target_ports : tostring(port) => port }

  security_group_id            = aws_security_group.nodes.id
  description                  = "Requests and health checks to pods"
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
  referenced_security_group_id = aws_security_group.load_balancer.id
}

locals {
  # Pods listen above 1024, as they do not run as root; CoreDNS alone has a lower port. Which pod may talk to which
  # is decided by the network policies.
  between_nodes = {
    dns-udp = { protocol = "udp", from = 53, to = 53 }
    dns-tcp = { protocol = "tcp", from = 53, to = 53 }
    pods    = { protocol = "tcp", from = 1025, to = 65535 }
  }
}

resource "aws_vpc_security_group_ingress_rule" "nodes_from_nodes" {
  # checkov:skip=CKV_AWS_25:Only from members of the same security group
  for_each = local.between_nodes

  security_group_id            = aws_security_group.nodes.id
  description                  = "Pods on other nodes (${each.key})"
  ip_protocol                  = each.value.protocol
  from_port                    = each.value.from
  to_port                      = each.value.to
  referenced_security_group_id = aws_security_group.nodes.id
}

resource "aws_vpc_security_group_egress_rule" "nodes_to_nodes" {
  for_each = local.between_nodes

  security_group_id            = aws_security_group.nodes.id
  description                  = "Pods on other nodes (${each.key})"
  ip_protocol                  = each.value.protocol
  from_port                    = each.value.from
  to_port                      = each.value.to
  referenced_security_group_id = aws_security_group.nodes.id
}

resource "aws_vpc_security_group_egress_rule" "nodes_to_anywhere" {
  for_each = { for port in var.node_egress_ports : tostring(port) => port }

  security_group_id = aws_security_group.nodes.id
  description       = "AWS, registries and git"
  ip_protocol       = "tcp"
  from_port         = each.value
  to_port           = each.value
  cidr_ipv4         = "0.0.0.0/0"
}

locals {
  datastore_cidrs = length(var.datastore_cidrs) > 0 ? var.datastore_cidrs : local.private_cidrs
}

resource "aws_vpc_security_group_egress_rule" "nodes_to_datastores" {
  for_each = { for pair in setproduct(var.datastore_ports, local.datastore_cidrs) : "${pair[0]}-${pair[1]}" => { port = pair[0], cidr = pair[1] } }

  security_group_id = aws_security_group.nodes.id
  description       = "Databases, cache and broker"
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
  cidr_ipv4         = each.value.cidr
}
