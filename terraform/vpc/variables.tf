variable "project" {
  description = "First part of every name"
  type        = string
  default     = "retail"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,13}[a-z0-9]$", var.project))
    error_message = "project must be 2 to 15 lowercase letters, digits and hyphens, starting with a letter, as in \"retail\"."
  }
}

variable "environment" {
  description = "Environment, the second part of every name"
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,11}$", var.environment))
    error_message = "environment must be 2 to 12 lowercase letters and digits, starting with a letter, as in \"dev\"."
  }
}

variable "account_id" {
  description = "AWS account of the environment; credentials of another account are refused"
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be the 12 digits of an AWS account, in quotes."
  }
}

variable "region" {
  description = "AWS region"
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must be the name of an AWS region, as in \"us-east-1\"."
  }
}

variable "tags" {
  description = "Tags of every resource, beside Project, Environment, Stack and ManagedBy"
  type        = map(string)
  default     = {}

  validation {
    condition     = length(setintersection(keys(var.tags), ["Project", "Environment", "Stack", "ManagedBy"])) == 0
    error_message = "tags must not hold Project, Environment, Stack or ManagedBy: these are set from the other variables."
  }
}

variable "vpc_cidr" {
  description = "IPv4 range of the VPC"
  type        = string
  default     = "10.0.0.0/16"

  validation {
    condition     = can(cidrhost(var.vpc_cidr, 0)) && !strcontains(var.vpc_cidr, ":") && try(tonumber(split("/", var.vpc_cidr)[1]) >= 16 && tonumber(split("/", var.vpc_cidr)[1]) <= 28, false)
    error_message = "vpc_cidr must be an IPv4 range from /16 to /28, as in \"10.0.0.0/16\"."
  }

  validation {
    condition     = try(cidrhost(var.vpc_cidr, 0) == split("/", var.vpc_cidr)[0], true)
    error_message = "vpc_cidr must start at the first address of its range, as in \"10.0.0.0/16\", not \"10.0.1.0/16\"."
  }
}

variable "zone_count" {
  description = "Availability zones, each with a public and a private subnet"
  type        = number
  default     = 2

  validation {
    condition     = var.zone_count >= 2 && var.zone_count <= 6 && floor(var.zone_count) == var.zone_count
    error_message = "zone_count must be a whole number from 2 to 6: EKS and load balancers need two zones, and one zone can fail."
  }
}

variable "zone_names" {
  description = "Names of the zones; empty: the first that the region offers. Pin them, so that a zone that AWS adds or closes never moves a subnet"
  type        = list(string)
  default     = []

  validation {
    condition     = length(var.zone_names) == 0 || length(distinct(var.zone_names)) == var.zone_count
    error_message = "zone_names must be empty or hold ${var.zone_count} different zones, as zone_count says; it holds ${length(distinct(var.zone_names))}."
  }

  validation {
    condition     = alltrue([for zone in var.zone_names : can(regex("^${var.region}[a-z]$", zone))])
    error_message = "zone_names must hold zones of ${var.region}, as in \"${var.region}a\"."
  }
}

variable "public_subnet_cidrs" {
  description = "Ranges of the public subnets, one a zone; empty: computed, 10.0.1.0/24 and on in the default VPC"
  type        = list(string)
  default     = []

  validation {
    condition     = length(var.public_subnet_cidrs) == 0 || length(var.public_subnet_cidrs) == var.zone_count
    error_message = "public_subnet_cidrs must be empty or hold one range for each of the ${var.zone_count} zones; it holds ${length(var.public_subnet_cidrs)}."
  }

  validation {
    condition     = length(var.public_subnet_cidrs) > 0 || try(tonumber(split("/", var.vpc_cidr)[1]) <= 20, true)
    error_message = "public_subnet_cidrs can be computed in a VPC of /20 or larger only (subnets are 256 times smaller, /28 at least): give the ranges, or a larger vpc_cidr."
  }
}

variable "private_subnet_cidrs" {
  description = "Ranges of the private subnets, one a zone; empty: computed, 10.0.11.0/24 and on in the default VPC"
  type        = list(string)
  default     = []

  validation {
    condition     = length(var.private_subnet_cidrs) == 0 || length(var.private_subnet_cidrs) == var.zone_count
    error_message = "private_subnet_cidrs must be empty or hold one range for each of the ${var.zone_count} zones; it holds ${length(var.private_subnet_cidrs)}."
  }

  validation {
    condition     = length(var.private_subnet_cidrs) > 0 || try(tonumber(split("/", var.vpc_cidr)[1]) <= 20, true)
    error_message = "private_subnet_cidrs can be computed in a VPC of /20 or larger only (subnets are 256 times smaller, /28 at least): give the ranges, or a larger vpc_cidr."
  }
}

variable "nat_gateway_per_zone" {
  description = "A NAT gateway in each zone, so that a zone that fails takes only itself; otherwise one for all"
  type        = bool
  default     = false
}

variable "interface_endpoints" {
  description = "AWS services that are reached inside the VPC, as in `ecr.api`; each costs by the hour and zone"
  type        = set(string)
  default     = []

  validation {
    condition = length(setsubtract(var.interface_endpoints, [
      "ec2", "ecr.api", "ecr.dkr", "eks", "eks-auth", "elasticloadbalancing", "kms", "logs", "monitoring", "secretsmanager", "sqs", "sts", "xray",
    ])) == 0
    error_message = "interface_endpoints may hold ec2, ecr.api, ecr.dkr, eks, eks-auth, elasticloadbalancing, kms, logs, monitoring, secretsmanager, sqs, sts and xray (S3 and DynamoDB always have their gateways)."
  }
}

variable "flow_logs_enabled" {
  description = "Writes the VPC's traffic to CloudWatch Logs"
  type        = bool
  default     = true
}

variable "flow_log_retention_days" {
  description = "Days for which flow logs are kept"
  type        = number
  default     = 365

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.flow_log_retention_days)
    error_message = "flow_log_retention_days must be one of the numbers that CloudWatch Logs takes: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "load_balancer_ingress_cidrs" {
  description = "Ranges that may reach the load balancer on ports 80 and 443"
  type        = set(string)
  default     = ["0.0.0.0/0"]

  validation {
    condition     = length(var.load_balancer_ingress_cidrs) > 0 && alltrue([for cidr in var.load_balancer_ingress_cidrs : can(cidrhost(cidr, 0)) && !strcontains(cidr, ":")])
    error_message = "load_balancer_ingress_cidrs must hold at least one IPv4 range, as in \"203.0.113.0/24\"."
  }
}

variable "load_balancer_target_ports" {
  description = "Ports of pods that the load balancer sends to; every service of the store listens on 8080"
  type        = set(number)
  default     = [8080]

  validation {
    condition     = length(var.load_balancer_target_ports) > 0 && alltrue([for port in var.load_balancer_target_ports : port >= 1 && port <= 65535])
    error_message = "load_balancer_target_ports must hold at least one port from 1 to 65535."
  }
}

variable "node_egress_ports" {
  description = "TCP ports on which nodes and pods may reach any address: AWS, registries, git"
  type        = set(number)
  default     = [443]

  validation {
    condition     = contains(var.node_egress_ports, 443) && alltrue([for port in var.node_egress_ports : port >= 1 && port <= 65535])
    error_message = "node_egress_ports must hold 443, by which nodes join the cluster and pull images, and ports from 1 to 65535 only."
  }
}

variable "datastore_ports" {
  description = "TCP ports of the databases, the cache and the broker, which nodes and pods may reach at datastore_cidrs"
  type        = set(number)
  default     = [3306, 5432, 6379]

  validation {
    condition     = alltrue([for port in var.datastore_ports : port >= 1 && port <= 65535])
    error_message = "datastore_ports must hold ports from 1 to 65535."
  }
}

variable "datastore_cidrs" {
  description = "Ranges where the datastores are; empty: the private subnets"
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for cidr in var.datastore_cidrs : can(cidrhost(cidr, 0)) && !strcontains(cidr, ":")])
    error_message = "datastore_cidrs must hold IPv4 ranges, as in \"10.1.0.0/24\"."
  }
}
