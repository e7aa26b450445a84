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

variable "registry_enabled" {
  description = "Makes the image repositories and the role that pushes to them; one environment of a project has them, the others pull from there"
  type        = bool
  default     = true
}

variable "registry" {
  description = "Account and region of the registry where registry_enabled is false; what is left out is this environment's"
  type = object({
    account_id = optional(string, "")
    region     = optional(string, "")
  })
  default = {}

  validation {
    condition     = var.registry.account_id == "" || can(regex("^[0-9]{12}$", var.registry.account_id))
    error_message = "registry: account_id must be the 12 digits of an AWS account, in quotes."
  }

  validation {
    condition     = var.registry.region == "" || can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.registry.region))
    error_message = "registry: region must be the name of an AWS region, as in \"us-east-1\"."
  }

  validation {
    condition     = !var.registry_enabled || (var.registry.account_id == "" && var.registry.region == "")
    error_message = "registry must be left out where registry_enabled is true: the registry is this environment's."
  }
}

variable "services" {
  description = "Services that have an image repository, as PROJECT-store/SERVICE"
  type        = set(string)
  default     = ["cart", "catalog", "checkout", "orders", "ui"]

  validation {
    condition     = length(var.services) > 0 && alltrue([for service in var.services : can(regex("^[a-z0-9]+([._-][a-z0-9]+)*$", service))])
    error_message = "services must hold at least one name of lowercase letters and digits, with single dots, hyphens and underscores between them."
  }
}

variable "pull_account_ids" {
  description = "Other AWS accounts whose clusters pull the images, and whose gates look for them"
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for id in var.pull_account_ids : can(regex("^[0-9]{12}$", id))])
    error_message = "pull_account_ids must hold the 12 digits of AWS accounts, in quotes."
  }
}

variable "image_retention" {
  description = "Days for which untagged images are kept, and how many builds (tags that start with `build_prefix`); images with a version as a tag stay"
  type = object({
    untagged_days = optional(number, 14)
    build_count   = optional(number, 100)
    build_prefix  = optional(string, "sha-")
  })
  default = {}

  validation {
    condition     = var.image_retention.untagged_days >= 1 && var.image_retention.build_count >= 1
    error_message = "image_retention: untagged_days and build_count must be at least 1."
  }

  validation {
    condition     = can(regex("^[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}$", var.image_retention.build_prefix))
    error_message = "image_retention: build_prefix must be the beginning of a tag: letters, digits and _ . -."
  }
}

variable "github_repository" {
  description = "GitHub repository whose workflows push images and ask the gates, as OWNER/NAME; needed where registry_enabled"
  type        = string
  default     = ""

  validation {
    condition     = !can(regex("[*?]", var.github_repository))
    error_message = "github_repository must not hold a wildcard: workflows of other repositories could take the role."
  }

  validation {
    condition     = (var.github_repository == "" && !var.registry_enabled) || can(regex("^[A-Za-z0-9](-?[A-Za-z0-9]){0,38}/[A-Za-z0-9._*?-]{1,100}$", var.github_repository))
    error_message = "github_repository must be OWNER/NAME, as in \"example/retail-eks\"; only with registry_enabled = false it may be left out."
  }
}

variable "github_branch" {
  description = "Branch whose workflows may push, and take the gates' role"
  type        = string
  default     = "main"

  validation {
    condition     = !can(regex("[*?]", var.github_branch))
    error_message = "github_branch must not hold a wildcard: anybody who can push a branch could take the role."
  }

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9._/*?-]*$", var.github_branch))
    error_message = "github_branch must be the name of a branch, as in \"main\", without \"refs/heads/\" before it."
  }
}

variable "github_environments" {
  description = "GitHub environments whose workflows may push, beside those of the branch"
  type        = set(string)
  default     = []

  validation {
    condition     = !anytrue([for environment in var.github_environments : can(regex("[*?]", environment))])
    error_message = "github_environments must not hold a wildcard: give each environment's name."
  }

  validation {
    condition     = alltrue([for environment in var.github_environments : length(environment) > 0 && length(environment) <= 255 && !can(regex("[:/\\s]", environment))])
    error_message = "github_environments must hold names of environments, without colons, slashes and spaces."
  }
}

variable "github_oidc_provider_arn" {
  description = "GitHub's OIDC provider where the account has one already, as it can have only one; empty: it is made"
  type        = string
  default     = ""

  validation {
    condition     = var.github_oidc_provider_arn == "" || can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:oidc-provider/token\\.actions\\.githubusercontent\\.com$", var.github_oidc_provider_arn))
    error_message = "github_oidc_provider_arn must be as in \"arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com\"."
  }
}

variable "gates_enabled" {
  description = "Makes the role with which relman's gates look for images and secrets"
  type        = bool
  default     = false

  validation {
    condition     = !var.gates_enabled || var.github_repository != "" || length(var.gates_principal_arns) > 0
    error_message = "gates_enabled needs somebody who takes the role: give github_repository or gates_principal_arns."
  }
}

variable "gates_github_environments" {
  description = "GitHub environments whose workflows may take the gates' role, beside those of the branch"
  type        = set(string)
  default     = []

  validation {
    condition     = !anytrue([for environment in var.gates_github_environments : can(regex("[*?]", environment))])
    error_message = "gates_github_environments must not hold a wildcard: give each environment's name."
  }

  validation {
    condition     = alltrue([for environment in var.gates_github_environments : length(environment) > 0 && length(environment) <= 255 && !can(regex("[:/\\s]", environment))])
    error_message = "gates_github_environments must hold names of environments, without colons, slashes and spaces."
  }

  validation {
    condition     = length(var.gates_github_environments) == 0 || var.github_repository != ""
    error_message = "gates_github_environments are those of a repository: give github_repository."
  }
}

variable "gates_principal_arns" {
  description = "IAM roles and users that may take the gates' role, also those of other accounts; these need sts:AssumeRole on it themselves"
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.gates_principal_arns : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/[A-Za-z0-9/_+=.@,-]+$", arn))])
    error_message = "gates_principal_arns must hold ARNs of IAM roles and users, without wildcards, as in \"arn:aws:iam::111122223333:role/developers\"."
  }
}

variable "secret_names" {
  description = "Names of the secrets of catalog, orders and checkout, the same as in ../eks"
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

  validation {
    condition     = length(distinct(values(var.secret_names))) == 3
    error_message = "secret_names must differ from each other: each service reads its own secret only."
  }
}

variable "secret_recovery_days" {
  description = "Days for which a deleted secret can be brought back; 0: deleted at once"
  type        = number
  default     = 30

  validation {
    condition     = var.secret_recovery_days == 0 || (var.secret_recovery_days >= 7 && var.secret_recovery_days <= 30 && floor(var.secret_recovery_days) == var.secret_recovery_days)
    error_message = "secret_recovery_days must be 0 or a whole number from 7 to 30."
  }
}

variable "rotation_function_arns" {
  description = "Lambda functions that rotate the secrets every 30 days, by service: catalog, orders, checkout"
  type        = map(string)
  default     = {}

  validation {
    condition     = length(setsubtract(keys(var.rotation_function_arns), ["catalog", "orders", "checkout"])) == 0
    error_message = "rotation_function_arns may hold catalog, orders and checkout."
  }

  validation {
    condition     = alltrue([for arn in values(var.rotation_function_arns) : can(regex("^arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]+(:[A-Za-z0-9_$-]+)?$", arn))])
    error_message = "rotation_function_arns must hold ARNs of Lambda functions, as in \"arn:aws:lambda:us-east-1:111122223333:function:rotate\"."
  }
}

variable "secret_values" {
  description = "First values by service, as JSON such as `{\"username\":\"...\",\"password\":\"...\"}`; sent to AWS and kept nowhere else. Give them by TF_VAR_secret_values, not in a file"
  type        = map(string)
  default     = {}
  sensitive   = true
  ephemeral   = true
}

variable "secret_value_versions" {
  description = "Which of secret_values are sent, by service; a higher number sends a value again"
  type        = map(number)
  default     = {}

  validation {
    condition     = length(setsubtract(keys(var.secret_value_versions), ["catalog", "orders", "checkout"])) == 0
    error_message = "secret_value_versions may hold catalog, orders and checkout."
  }
}
