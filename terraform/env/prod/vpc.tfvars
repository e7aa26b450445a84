# A zone that fails takes only itself: each has its NAT gateway.
zone_names           = ["us-east-1a", "us-east-1b"]
nat_gateway_per_zone = true
interface_endpoints  = ["ecr.api", "ecr.dkr", "sts", "secretsmanager", "logs"]
