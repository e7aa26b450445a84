locals {
  telemetry_log_groups = {
    metrics = "/${var.project}/${local.name}/metrics"
    logs    = "/${var.project}/${local.name}/logs"
  }
}

# Made here and not by the collector, which may then not make any, with a key and an end.
resource "aws_cloudwatch_log_group" "telemetry" {
  # checkov:skip=CKV_AWS_338:What lasts a month is enough to find a fault; audit logs are the control plane's
  for_each = var.collector_enabled ? local.telemetry_log_groups : {}

  name              = each.value
  retention_in_days = var.telemetry_retention_days
  kms_key_id        = aws_kms_key.cluster.arn
}

resource "aws_resourcegroups_group" "cluster" {
  count = var.application_insights_enabled ? 1 : 0

  name        = local.name
  description = "What bears the tag of ${local.name}"

  resource_query {
    query = jsonencode({
      ResourceTypeFilters = ["AWS::AllSupported"]
      TagFilters          = [{ Key = "Cluster", Values = [local.name] }]
    })
  }
}

resource "aws_applicationinsights_application" "cluster" {
  count = var.application_insights_enabled ? 1 : 0

  resource_group_name = aws_resourcegroups_group.cluster[0].name
  auto_config_enabled = true
  cwe_monitor_enabled = true
}
