mock_provider "aws" {
  source          = "../testing"
  override_during = plan
}

variables {
  environment = "dev"
  account_id  = "111122223333"
  region      = "us-east-1"
}

run "defaults" {
  command = plan

  assert {
    condition     = aws_vpc.main.cidr_block == "10.0.0.0/16" && aws_vpc.main.enable_dns_support && aws_vpc.main.enable_dns_hostnames
    error_message = "the VPC must be 10.0.0.0/16 with DNS"
  }
  assert {
    condition     = join(" ", output.zones) == "us-east-1a us-east-1b"
    error_message = "two zones are used"
  }
  assert {
    condition     = output.public_subnet_cidrs == ["10.0.1.0/24", "10.0.2.0/24"] && output.private_subnet_cidrs == ["10.0.11.0/24", "10.0.12.0/24"]
    error_message = "each zone has a public and a private subnet"
  }
  assert {
    condition     = alltrue([for subnet in aws_subnet.public : subnet.tags["kubernetes.io/role/elb"] == "1"])
    error_message = "public subnets must be known to the load balancer controller"
  }
  assert {
    condition     = alltrue([for subnet in aws_subnet.private : subnet.tags["kubernetes.io/role/internal-elb"] == "1"])
    error_message = "private subnets must be known to the load balancer controller"
  }
  assert {
    condition     = keys(aws_nat_gateway.main) == ["us-east-1a"] && length(aws_route.private_nat) == 2
    error_message = "one NAT gateway serves all private subnets"
  }
  assert {
    condition     = keys(aws_vpc_endpoint.gateway) == ["dynamodb", "s3"] && length(aws_vpc_endpoint.interface) == 0 && length(aws_security_group.endpoints) == 0
    error_message = "S3 and DynamoDB have gateways, other endpoints are an option"
  }
  assert {
    condition     = aws_flow_log.main[0].traffic_type == "ALL" && aws_cloudwatch_log_group.flow_logs[0].retention_in_days == 365 && output.flow_log_group == "/aws/vpc/retail-dev/flow-logs"
    error_message = "all traffic is logged, for a year"
  }
  assert {
    condition     = toset([for rule in aws_vpc_security_group_ingress_rule.load_balancer : "${rule.from_port} ${rule.cidr_ipv4}"]) == toset(["80 0.0.0.0/0", "443 0.0.0.0/0"])
    error_message = "customers reach the load balancer on 80 and 443"
  }
  assert {
    condition     = [for rule in aws_vpc_security_group_ingress_rule.nodes_from_load_balancer : rule.from_port] == [8080]
    error_message = "the load balancer reaches pods on 8080"
  }
  assert {
    condition     = toset([for rule in aws_vpc_security_group_egress_rule.nodes_to_anywhere : rule.from_port]) == toset([443])
    error_message = "nodes reach the world on 443 alone"
  }
  assert {
    condition = toset([for rule in aws_vpc_security_group_egress_rule.nodes_to_datastores : "${rule.from_port} ${rule.cidr_ipv4}"]) == toset([
      "3306 10.0.11.0/24", "3306 10.0.12.0/24", "5432 10.0.11.0/24", "5432 10.0.12.0/24", "6379 10.0.11.0/24", "6379 10.0.12.0/24",
    ])
    error_message = "nodes reach the datastores in the private subnets"
  }
}

run "everything_turned_on" {
  command = plan

  variables {
    zone_count                  = 3
    zone_names                  = ["us-east-1b", "us-east-1c", "us-east-1d"]
    nat_gateway_per_zone        = true
    interface_endpoints         = ["ecr.api", "ecr.dkr", "sts", "secretsmanager", "logs"]
    load_balancer_ingress_cidrs = ["203.0.113.0/24"]
    load_balancer_target_ports  = [8080, 8443]
    datastore_cidrs             = ["10.1.0.0/24"]
    datastore_ports             = [5432]
    node_egress_ports           = [22, 443]
    flow_log_retention_days     = 30
  }

  assert {
    condition     = join(" ", output.zones) == "us-east-1b us-east-1c us-east-1d" && output.private_subnet_cidrs == ["10.0.11.0/24", "10.0.12.0/24", "10.0.13.0/24"]
    error_message = "the zones are those that were named"
  }
  assert {
    condition     = keys(aws_nat_gateway.main) == ["us-east-1b", "us-east-1c", "us-east-1d"] && length(output.nat_public_ips) == 3
    error_message = "each zone has its NAT gateway"
  }
  assert {
    condition     = aws_vpc_endpoint.interface["ecr.api"].service_name == "com.amazonaws.us-east-1.ecr.api" && length(aws_vpc_endpoint.interface) == 5 && length(output.endpoint_ids) == 7
    error_message = "the endpoints are made beside the two gateways"
  }
  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.endpoints_from_nodes) == 1
    error_message = "nodes reach the endpoints"
  }
  assert {
    condition     = toset([for rule in aws_vpc_security_group_ingress_rule.load_balancer : "${rule.from_port} ${rule.cidr_ipv4}"]) == toset(["80 203.0.113.0/24", "443 203.0.113.0/24"])
    error_message = "only the given ranges reach the load balancer"
  }
  assert {
    condition     = length(aws_vpc_security_group_egress_rule.load_balancer_to_nodes) == 2 && keys(aws_vpc_security_group_egress_rule.nodes_to_anywhere) == ["22", "443"]
    error_message = "the given ports are open"
  }
  assert {
    condition     = keys(aws_vpc_security_group_egress_rule.nodes_to_datastores) == ["5432-10.1.0.0/24"] && join(" ", output.datastore_cidrs) == "10.1.0.0/24"
    error_message = "the datastores are where they are said to be"
  }
  assert {
    condition     = aws_cloudwatch_log_group.flow_logs[0].retention_in_days == 30
    error_message = "flow logs are kept as long as asked"
  }
}

run "given_subnets_in_a_small_vpc_without_flow_logs" {
  command = plan

  variables {
    vpc_cidr             = "10.20.0.0/24"
    public_subnet_cidrs  = ["10.20.0.0/27", "10.20.0.32/27"]
    private_subnet_cidrs = ["10.20.0.64/26", "10.20.0.128/26"]
    flow_logs_enabled    = false
  }

  assert {
    condition     = output.public_subnet_cidrs == ["10.20.0.0/27", "10.20.0.32/27"] && output.private_subnet_cidrs == ["10.20.0.64/26", "10.20.0.128/26"]
    error_message = "the subnets are those that were given"
  }
  assert {
    condition     = length(aws_flow_log.main) + length(aws_cloudwatch_log_group.flow_logs) + length(aws_kms_key.flow_logs) + length(aws_iam_role.flow_logs) == 0 && output.flow_log_group == null
    error_message = "without flow logs there is no group, key and role for them"
  }
}
