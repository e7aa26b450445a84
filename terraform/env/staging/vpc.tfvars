zone_names              = ["us-east-1a", "us-east-1b"]
flow_log_retention_days = 90
