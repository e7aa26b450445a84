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
  description = "Tags of every resource, beside Project, Environment, Stack, Cluster and ManagedBy"
  type        = map(string)
  default     = {}

  validation {
    condition     = length(setintersection(keys(var.tags), ["Project", "Environment", "Stack", "Cluster", "ManagedBy"])) == 0
    error_message = "tags must not hold Project, Environment, Stack, Cluster or ManagedBy: these are set from the other variables."
  }
}

variable "state_bucket" {
  description = "Bucket of the states, where the state of ../vpc is read"
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.state_bucket))
    error_message = "state_bucket must be the name of the bucket that ../state made for this environment."
  }
}

variable "cluster_name" {
  description = "Name of the cluster; empty: PROJECT-ENVIRONMENT-eksdemo"
  type        = string
  default     = ""

  validation {
    condition     = var.cluster_name == "" || can(regex("^[a-zA-Z0-9][a-zA-Z0-9-]{0,38}$", var.cluster_name))
    error_message = "cluster_name must be at most 39 letters, digits and hyphens, so that the names of its roles fit into IAM's 64."
  }
}

variable "kubernetes_version" {
  description = "Kubernetes version of the cluster and its nodes"
  type        = string
  default     = "1.35"

  # EKS supports these on 2026-11-23; 1.32 until 2027-03-23, 1.36 until 2028. Extend the list as EKS does:
  # https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html
  validation {
    condition     = contains(["1.32", "1.33", "1.34", "1.35", "1.36"], var.kubernetes_version)
    error_message = "kubernetes_version must be 1.32, 1.33, 1.34, 1.35 or 1.36, in quotes and without a patch version."
  }
}

variable "endpoint_public_access_cidrs" {
  description = "Ranges that may reach the API server from the internet; empty: none, it is reached inside the VPC only"
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for cidr in var.endpoint_public_access_cidrs : can(cidrhost(cidr, 0)) && !strcontains(cidr, ":")])
    error_message = "endpoint_public_access_cidrs must hold IPv4 ranges, as in \"203.0.113.0/24\"."
  }

  validation {
    condition     = !anytrue([for cidr in var.endpoint_public_access_cidrs : endswith(cidr, "/0")])
    error_message = "endpoint_public_access_cidrs must not open the API server to everybody: give the ranges of your office, VPN or runners."
  }
}

variable "administrators" {
  description = "ARNs of IAM roles and users that administer the cluster"
  type        = set(string)

  validation {
    condition     = length(var.administrators) > 0
    error_message = "administrators must hold at least one IAM role or user: nobody else could enter the cluster, its creator included."
  }

  validation {
    condition     = alltrue([for arn in var.administrators : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/[\\w+=,.@/-]+$", arn))])
    error_message = "administrators must hold ARNs of IAM roles or users, as in \"arn:aws:iam::111122223333:role/admin\" (not of an assumed role's session)."
  }
}

variable "viewers" {
  description = "ARNs of IAM roles and users that may look at everything but Secrets"
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.viewers : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/[\\w+=,.@/-]+$", arn))])
    error_message = "viewers must hold ARNs of IAM roles or users, as in \"arn:aws:iam::111122223333:role/viewer\" (not of an assumed role's session)."
  }

  validation {
    condition     = length(setintersection(var.viewers, var.administrators)) == 0
    error_message = "viewers must not hold an administrator: EKS takes one entry for a principal."
  }
}

variable "control_plane_log_retention_days" {
  description = "Days for which the control plane's logs are kept"
  type        = number
  default     = 365

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.control_plane_log_retention_days)
    error_message = "control_plane_log_retention_days must be one of the numbers that CloudWatch Logs takes: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "control_plane_to_node_ports" {
  description = "TCP ports of nodes and pods that the control plane calls: kubelets, metrics-server as an add-on, webhooks"
  type        = set(number)
  default     = [10250, 10251, 9443]

  validation {
    condition     = contains(var.control_plane_to_node_ports, 10250) && alltrue([for port in var.control_plane_to_node_ports : port >= 1 && port <= 65535])
    error_message = "control_plane_to_node_ports must hold 10250, the kubelet's, and ports from 1 to 65535 only."
  }
}

variable "node_instance_types" {
  description = "Instance types of the nodes"
  type        = list(string)
  default     = ["t3.medium"]

  validation {
    condition     = length(var.node_instance_types) > 0 && alltrue([for type in var.node_instance_types : can(regex("^[a-z][a-z0-9-]*\\.[a-z0-9-]+$", type))])
    error_message = "node_instance_types must hold at least one instance type, as in \"t3.medium\"."
  }

  validation {
    condition     = alltrue([for type in var.node_instance_types : !can(regex("^([a-z]+[0-9]+g[a-z]*|a1)\\.", type))])
    error_message = "node_instance_types must hold x86-64 types: the nodes' image does not run on Graviton."
  }
}

variable "node_count" {
  description = "Nodes at the start, and the least and the most; an autoscaler may change the first within the others"
  type = object({
    desired = optional(number, 2)
    min     = optional(number, 2)
    max     = optional(number, 5)
  })
  default = {}

  validation {
    condition     = 1 <= var.node_count.min && var.node_count.min <= var.node_count.desired && var.node_count.desired <= var.node_count.max
    error_message = "node_count must hold 1 <= min <= desired <= max; it holds min ${var.node_count.min}, desired ${var.node_count.desired}, max ${var.node_count.max}."
  }
}

variable "node_volume_gib" {
  description = "Size of a node's root volume, in GiB"
  type        = number
  default     = 30

  validation {
    condition     = var.node_volume_gib >= 20 && var.node_volume_gib <= 16384 && floor(var.node_volume_gib) == var.node_volume_gib
    error_message = "node_volume_gib must be a whole number from 20, which the nodes' image needs, to 16384."
  }
}

variable "addons" {
  description = "EKS add-ons by name: `enabled` (a chart owns it instead where false), `version` (empty: EKS's default for the Kubernetes version), `configuration_values` (JSON, in place of ours), and what happens to fields that somebody else changed"
  type = map(object({
    enabled                     = optional(bool, true)
    version                     = optional(string, "")
    configuration_values        = optional(string, "")
    resolve_conflicts_on_create = optional(string, "OVERWRITE")
    resolve_conflicts_on_update = optional(string, "OVERWRITE")
  }))
  default = {}

  validation {
    condition = length(setsubtract(keys(var.addons), [
      "amazon-cloudwatch-observability", "aws-ebs-csi-driver", "coredns", "eks-pod-identity-agent", "external-dns", "kube-proxy", "metrics-server", "vpc-cni",
    ])) == 0
    error_message = "addons may hold amazon-cloudwatch-observability, aws-ebs-csi-driver, coredns, eks-pod-identity-agent, external-dns, kube-proxy, metrics-server and vpc-cni."
  }

  validation {
    condition     = alltrue([for name in ["coredns", "eks-pod-identity-agent", "kube-proxy", "vpc-cni"] : try(var.addons[name].enabled, true)])
    error_message = "addons must leave coredns, eks-pod-identity-agent, kube-proxy and vpc-cni enabled: no node gets ready without them, so that no chart could install them."
  }

  validation {
    condition     = alltrue([for addon in var.addons : addon.version == "" || can(regex("^v[0-9]+\\.[0-9]+\\.[0-9]+-eksbuild\\.[0-9]+$", addon.version))])
    error_message = "addons: a version must be as in \"v1.20.0-eksbuild.1\"; `aws eks describe-addon-versions` lists them."
  }

  validation {
    condition     = alltrue([for addon in var.addons : addon.configuration_values == "" || can(keys(jsondecode(addon.configuration_values)))])
    error_message = "addons: configuration_values must be a JSON object; write it with jsonencode()."
  }

  validation {
    condition     = alltrue([for addon in var.addons : contains(["NONE", "OVERWRITE"], addon.resolve_conflicts_on_create) && contains(["NONE", "OVERWRITE", "PRESERVE"], addon.resolve_conflicts_on_update)])
    error_message = "addons: resolve_conflicts_on_create must be NONE or OVERWRITE, and resolve_conflicts_on_update NONE, OVERWRITE or PRESERVE."
  }
}

variable "hosted_zones" {
  description = "Route 53 hosted zones in which external-dns keeps records, as DOMAIN = ID; empty: no external-dns, and no role for it"
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for domain in keys(var.hosted_zones) : can(regex("^([a-z0-9]([-a-z0-9]*[a-z0-9])?\\.)+[a-z]{2,}$", domain))])
    error_message = "hosted_zones must hold domains on the left, as in \"shop.example.com\"."
  }

  validation {
    condition     = alltrue([for id in values(var.hosted_zones) : can(regex("^Z[A-Z0-9]{1,31}$", id))])
    error_message = "hosted_zones must hold ids of hosted zones on the right, as in \"Z0123456789ABCDEFGHIJ\", without \"/hostedzone/\"."
  }
}

variable "certificate_arn" {
  description = "ACM certificate of the store's host name; empty: none"
  type        = string
  default     = ""

  validation {
    condition     = var.certificate_arn == "" || can(regex("^arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/[0-9a-f-]+$", var.certificate_arn))
    error_message = "certificate_arn must be the ARN of an ACM certificate, as in \"arn:aws:acm:us-east-1:111122223333:certificate/...\"."
  }

  validation {
    condition     = try(split(":", var.certificate_arn)[3] == var.region, true)
    error_message = "certificate_arn must be a certificate in ${var.region}: a load balancer takes none of another region."
  }
}

variable "service_accounts" {
  description = "Service accounts, as NAMESPACE/NAME, that assume the roles"
  type = object({
    load_balancer_controller = optional(string, "kube-system/aws-load-balancer-controller")
    external_dns             = optional(string, "external-dns/external-dns")
    catalog                  = optional(string, "retail-store/catalog")
    cart                     = optional(string, "retail-store/carts")
    orders                   = optional(string, "retail-store/orders")
    checkout                 = optional(string, "retail-store/checkout")
    collector                = optional(string, "observability/opentelemetry-collector")
  })
  default = {}

  validation {
    condition     = alltrue([for account in values(var.service_accounts) : can(regex("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?/[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$", account))])
    error_message = "service_accounts must be written NAMESPACE/NAME, as in \"retail-store/catalog\"."
  }
}

variable "secret_names" {
  description = "Names of the Secrets Manager secrets of catalog, orders and checkout, as ../delivery makes them"
  type = object({
    catalog  = optional(string, "catalog-db-secret")
    orders   = optional(string, "orders-db-secret")
    checkout = optional(string, "checkout-redis-secret")
  })
  default = {}

  validation {
    condition     = alltrue([for name in values(var.secret_names) : can(regex("^[A-Za-z0-9/_+=.@-]{1,512}$", name))])
    error_message = "secret_names must hold names of secrets, not ARNs and no wildcards: letters, digits and / _ + = . @ -."
  }
}

variable "catalog_database_endpoint" {
  description = "HOST:PORT of the catalog's MySQL; empty: none"
  type        = string
  default     = ""

  validation {
    condition     = var.catalog_database_endpoint == "" || can(regex("^[A-Za-z0-9.-]+:[0-9]{1,5}$", var.catalog_database_endpoint))
    error_message = "catalog_database_endpoint must be HOST:PORT, without a scheme, as in \"catalog.abc.us-east-1.rds.amazonaws.com:3306\"."
  }
}

variable "orders_database_endpoint" {
  description = "HOST:PORT of the orders' PostgreSQL; empty: none"
  type        = string
  default     = ""

  validation {
    condition     = var.orders_database_endpoint == "" || can(regex("^[A-Za-z0-9.-]+:[0-9]{1,5}$", var.orders_database_endpoint))
    error_message = "orders_database_endpoint must be HOST:PORT, without a scheme, as in \"orders.abc.us-east-1.rds.amazonaws.com:5432\"."
  }
}

variable "checkout_cache_endpoint" {
  description = "HOST:PORT of the checkout's Redis; empty: none"
  type        = string
  default     = ""

  validation {
    condition     = var.checkout_cache_endpoint == "" || can(regex("^[A-Za-z0-9.-]+:[0-9]{1,5}$", var.checkout_cache_endpoint))
    error_message = "checkout_cache_endpoint must be HOST:PORT, without a scheme, as in \"checkout.abc.cache.amazonaws.com:6379\"."
  }
}

variable "cart_table_arn" {
  description = "ARN of the carts' DynamoDB table; empty: none, and no role for cart"
  type        = string
  default     = ""

  validation {
    condition     = var.cart_table_arn == "" || can(regex("^arn:aws[a-z-]*:dynamodb:[a-z0-9-]+:[0-9]{12}:table/[A-Za-z0-9_.-]{3,255}$", var.cart_table_arn))
    error_message = "cart_table_arn must be the ARN of a DynamoDB table, as in \"arn:aws:dynamodb:us-east-1:111122223333:table/carts\"."
  }
}

variable "cart_table_kms_key_arn" {
  description = "KMS key of the carts' table, where it is not AWS's own; empty: none"
  type        = string
  default     = ""

  validation {
    condition     = var.cart_table_kms_key_arn == "" || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.cart_table_kms_key_arn))
    error_message = "cart_table_kms_key_arn must be the ARN of a KMS key, not of an alias."
  }
}

variable "orders_queue_arn" {
  description = "ARN of the orders' SQS queue; empty: none"
  type        = string
  default     = ""

  validation {
    condition     = var.orders_queue_arn == "" || can(regex("^arn:aws[a-z-]*:sqs:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,80}(\\.fifo)?$", var.orders_queue_arn))
    error_message = "orders_queue_arn must be the ARN of an SQS queue, as in \"arn:aws:sqs:us-east-1:111122223333:orders\"."
  }
}

variable "orders_queue_kms_key_arn" {
  description = "KMS key of the orders' queue, where it is not AWS's own; empty: none"
  type        = string
  default     = ""

  validation {
    condition     = var.orders_queue_kms_key_arn == "" || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.orders_queue_kms_key_arn))
    error_message = "orders_queue_kms_key_arn must be the ARN of a KMS key, not of an alias."
  }
}

variable "volume_kms_key_arn" {
  description = "KMS key of the volumes that pods claim; empty: the account's default key for EBS"
  type        = string
  default     = ""

  validation {
    condition     = var.volume_kms_key_arn == "" || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.volume_kms_key_arn))
    error_message = "volume_kms_key_arn must be the ARN of a KMS key, not of an alias."
  }
}

variable "collector_enabled" {
  description = "Makes the log groups and the role with which an OpenTelemetry collector writes to CloudWatch and X-Ray"
  type        = bool
  default     = true
}

variable "telemetry_retention_days" {
  description = "Days for which the collector's logs and metric events are kept"
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.telemetry_retention_days)
    error_message = "telemetry_retention_days must be one of the numbers that CloudWatch Logs takes: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "cloudwatch_observability_enabled" {
  description = "Installs the amazon-cloudwatch-observability add-on, with its role"
  type        = bool
  default     = false
}

variable "application_insights_enabled" {
  description = "Lets CloudWatch Application Insights watch what bears the cluster's tag"
  type        = bool
  default     = false
}
