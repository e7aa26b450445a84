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

variable "state_bucket" {
  description = "Name of the bucket, the same as in ../env/ENVIRONMENT.s3.tfbackend; names of buckets are unique in all of AWS"
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.state_bucket))
    error_message = "state_bucket must be 3 to 63 lowercase letters, digits and hyphens; a dot would break TLS to the bucket."
  }
}

variable "old_version_days" {
  description = "Days for which an old version of a state is kept"
  type        = number
  default     = 90

  validation {
    condition     = var.old_version_days >= 7 && floor(var.old_version_days) == var.old_version_days
    error_message = "old_version_days must be a whole number of at least 7: an old version is the only way back from a broken state."
  }
}

variable "lock_table_enabled" {
  description = "Makes a DynamoDB table for locking, for teams whose Terraform is older than 1.10; others lock by `use_lockfile`"
  type        = bool
  default     = false
}

variable "force_destroy" {
  description = "Lets Terraform delete the bucket with all states in it"
  type        = bool
  default     = false
}
