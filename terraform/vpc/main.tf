# The network of one environment: a VPC over two zones or more, each with a public and a private subnet.

data "aws_partition" "current" {}

data "aws_availability_zones" "available" {
  # checkov:skip=CKV_AWS_394:zone_names pins the zones; this is read where it does not
  count = length(var.zone_names) == 0 ? 1 : 0

  state = "available"

  # Local zones and Wavelength zones have neither NAT gateways nor EKS control planes.
  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }

  # EKS places no control plane in these.
  exclude_zone_ids = ["use1-az3", "usw1-az2", "cac1-az3"]
}

locals {
  name    = "${var.project}-${var.environment}"
  offered = length(var.zone_names) > 0 ? var.zone_names : data.aws_availability_zones.available[0].names
  zones   = slice(local.offered, 0, min(var.zone_count, length(local.offered)))

  # Public subnets are the blocks from 1 on, private ones from 11 on, so that more zones never move a subnet.
  public_cidrs  = length(var.public_subnet_cidrs) > 0 ? var.public_subnet_cidrs : [for index in range(var.zone_count) : cidrsubnet(var.vpc_cidr, 8, 1 + index)]
  private_cidrs = length(var.private_subnet_cidrs) > 0 ? var.private_subnet_cidrs : [for index in range(var.zone_count) : cidrsubnet(var.vpc_cidr, 8, 11 + index)]

  # By zone, not by position: a subnet stays where it is when the list of zones changes.
  public_subnets  = { for index, zone in local.zones : zone => local.public_cidrs[index] }
  private_subnets = { for index, zone in local.zones : zone => local.private_cidrs[index] }
  nat_zones       = var.nat_gateway_per_zone ? local.zones : slice(local.zones, 0, 1)

  vpc_prefix = tonumber(split("/", var.vpc_cidr)[1])
  subnets    = concat(local.public_cidrs, local.private_cidrs)
  malformed  = [for cidr in local.subnets : cidr if !can(cidrhost(cidr, 0)) || strcontains(cidr, ":")]
  wellformed = [for cidr in local.subnets : { cidr = cidr, base = split("/", cidr)[0], prefix = tonumber(split("/", cidr)[1]) } if !contains(local.malformed, cidr)]
  outside = [
    for subnet in local.wellformed : subnet.cidr
    if subnet.prefix < local.vpc_prefix || cidrhost("${subnet.base}/${local.vpc_prefix}", 0) != cidrhost(var.vpc_cidr, 0)
  ]
  overlapping = flatten([
    for first, one in local.wellformed : [
      for second, two in local.wellformed : "${one.cidr} and ${two.cidr}"
      if first < second && cidrhost("${one.base}/${min(one.prefix, two.prefix)}", 0) == cidrhost("${two.base}/${min(one.prefix, two.prefix)}", 0)
    ]
  ])
}

resource "aws_vpc" "main" {
  cidr_block           = var.vpc_cidr
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = { Name = local.name }

  lifecycle {
    precondition {
      condition     = length(local.malformed) == 0
      error_message = "Not IPv4 ranges: ${join(", ", local.malformed)}. Write public_subnet_cidrs and private_subnet_cidrs as in \"10.0.1.0/24\"."
    }
    precondition {
      condition     = length(local.outside) == 0
      error_message = "Outside of the VPC's ${var.vpc_cidr}: ${join(", ", local.outside)}. Change public_subnet_cidrs and private_subnet_cidrs, or vpc_cidr."
    }
    precondition {
      condition     = length(local.overlapping) == 0
      error_message = "Subnets overlap: ${join("; ", local.overlapping)}. Change public_subnet_cidrs or private_subnet_cidrs."
    }
    precondition {
      condition     = alltrue([for subnet in local.wellformed : subnet.prefix <= 28])
      error_message = "AWS makes no subnet smaller than /28: give larger ranges in public_subnet_cidrs and private_subnet_cidrs."
    }
    precondition {
      condition     = length(local.zones) == var.zone_count
      error_message = "${var.region} offers ${length(local.offered)} zones that EKS can use, fewer than zone_count = ${var.zone_count}: ask for fewer zones."
    }
  }
}

# What forgets to name a security group gets this one, which lets nothing through.
resource "aws_default_security_group" "closed" {
  vpc_id = aws_vpc.main.id

  tags = { Name = "${local.name}-default-closed" }
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id

  tags = { Name = local.name }
}

resource "aws_subnet" "public" {
  for_each = local.public_subnets

  vpc_id            = aws_vpc.main.id
  availability_zone = each.key
  cidr_block        = each.value

  tags = {
    Name                     = "${local.name}-public-${each.key}"
    "kubernetes.io/role/elb" = "1"
  }
}

resource "aws_subnet" "private" {
  for_each = local.private_subnets

  vpc_id            = aws_vpc.main.id
  availability_zone = each.key
  cidr_block        = each.value

  tags = {
    Name                              = "${local.name}-private-${each.key}"
    "kubernetes.io/role/internal-elb" = "1"
  }
}

resource "aws_eip" "nat" {
  for_each = toset(local.nat_zones)

  domain = "vpc"

  tags = { Name = "${local.name}-nat-${each.key}" }

  depends_on = [aws_internet_gateway.main]
}

resource "aws_nat_gateway" "main" {
  for_each = toset(local.nat_zones)

  allocation_id = aws_eip.nat[each.key].id
  subnet_id     = aws_subnet.public[each.key].id

  tags = { Name = "${local.name}-${each.key}" }

  depends_on = [aws_internet_gateway.main]
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.main.id

  tags = { Name = "${local.name}-public" }
}

resource "aws_route" "public_internet" {
  route_table_id         = aws_route_table.public.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.main.id
}

resource "aws_route_table_association" "public" {
  for_each = aws_subnet.public

  route_table_id = aws_route_table.public.id
  subnet_id      = each.value.id
}

# One table for each zone even with one NAT gateway, so that turning on one for each zone changes routes only.
resource "aws_route_table" "private" {
  for_each = local.private_subnets

  vpc_id = aws_vpc.main.id

  tags = { Name = "${local.name}-private-${each.key}" }
}

resource "aws_route" "private_nat" {
  for_each = local.private_subnets

  route_table_id         = aws_route_table.private[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.main[var.nat_gateway_per_zone ? each.key : local.nat_zones[0]].id
}

resource "aws_route_table_association" "private" {
  for_each = aws_subnet.private

  route_table_id = aws_route_table.private[each.key].id
  subnet_id      = each.value.id
}
