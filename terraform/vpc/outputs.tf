output "vpc_id" {
  description = "VPC"
  value       = aws_vpc.main.id
}

output "vpc_cidr" {
  description = "IPv4 range of the VPC"
  value       = aws_vpc.main.cidr_block
}

output "zones" {
  description = "Availability zones of the subnets, in their order"
  value       = local.zones
}

output "public_subnet_ids" {
  description = "Public subnets, in the order of the zones"
  value       = [for zone in local.zones : aws_subnet.public[zone].id]
}

output "public_subnet_cidrs" {
  description = "Ranges of the public subnets: the addresses from which an internet-facing load balancer reaches pods"
  value       = [for zone in local.zones : aws_subnet.public[zone].cidr_block]
}

output "private_subnet_ids" {
  description = "Private subnets, in the order of the zones"
  value       = [for zone in local.zones : aws_subnet.private[zone].id]
}

output "private_subnet_cidrs" {
  description = "Ranges of the private subnets"
  value       = [for zone in local.zones : aws_subnet.private[zone].cidr_block]
}

output "datastore_cidrs" {
  description = "Ranges where the datastores are"
  value       = local.datastore_cidrs
}

output "nat_public_ips" {
  description = "Addresses from which the private subnets reach the internet, for others' allow lists"
  value       = [for zone in local.nat_zones : aws_eip.nat[zone].public_ip]
}

output "load_balancer_security_group_id" {
  description = "Security group of the store's load balancer"
  value       = aws_security_group.load_balancer.id
}

output "node_security_group_id" {
  description = "Security group of the nodes and pods"
  value       = aws_security_group.nodes.id
}

output "endpoint_ids" {
  description = "VPC endpoints by service"
  value       = { for service, endpoint in merge(aws_vpc_endpoint.gateway, aws_vpc_endpoint.interface) : service => endpoint.id }
}

output "flow_log_group" {
  description = "Log group of the flow logs; null without them"
  value       = one(aws_cloudwatch_log_group.flow_logs[*].name)
}
