variable "name" {
  description = "Name of the role"
  type        = string

  validation {
    condition     = can(regex("^[\\w+=,.@-]{1,64}$", var.name))
    error_message = "name must be 1 to 64 letters, digits and + = , . @ _ -, which is what IAM takes."
  }
}

variable "description" {
  description = "What the role is for"
  type        = string
}

variable "cluster_name" {
  description = "Cluster whose pods may assume the role"
  type        = string
}

variable "cluster_arn" {
  description = "ARN of that cluster"
  type        = string
}

variable "account_id" {
  description = "AWS account of that cluster"
  type        = string
}

variable "namespace" {
  description = "Namespace of the service account"
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$", var.namespace))
    error_message = "namespace must be the name of a Kubernetes namespace: lowercase letters, digits and hyphens."
  }
}

variable "service_account" {
  description = "Service account that assumes the role"
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$", var.service_account))
    error_message = "service_account must be the name of a Kubernetes service account: lowercase letters, digits, dots and hyphens."
  }
}

variable "statements" {
  description = "What the role may do: statements of an IAM policy"
  type        = any
  default     = []
}

variable "managed_policy_arns" {
  description = "Managed policies of the role, by a name that stays the same"
  type        = map(string)
  default     = {}
}
