mock_provider "aws" {
  source          = "../testing"
  override_during = plan
}

variables {
  environment  = "dev"
  account_id   = "111122223333"
  region       = "us-east-1"
  state_bucket = "retail-dev-states"
}

run "defaults" {
  command = plan

  assert {
    condition     = aws_s3_bucket.state.bucket == "retail-dev-states" && !aws_s3_bucket.state.force_destroy
    error_message = "the bucket must have the given name and outlive a destroy"
  }
  assert {
    condition     = aws_s3_bucket_versioning.state.versioning_configuration[0].status == "Enabled"
    error_message = "the bucket must keep versions"
  }
  assert {
    condition     = one(aws_s3_bucket_server_side_encryption_configuration.state.rule).apply_server_side_encryption_by_default[0].kms_master_key_id == aws_kms_key.state.arn
    error_message = "the bucket must encrypt with its own key"
  }
  assert {
    condition     = aws_kms_key.state.enable_key_rotation && aws_kms_alias.state.name == "alias/retail-dev-state"
    error_message = "the key must rotate and bear the environment's name"
  }
  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.state.block_public_acls,
      aws_s3_bucket_public_access_block.state.block_public_policy,
      aws_s3_bucket_public_access_block.state.ignore_public_acls,
      aws_s3_bucket_public_access_block.state.restrict_public_buckets,
    ])
    error_message = "all public access must be blocked"
  }
  assert {
    condition     = [for statement in jsondecode(aws_s3_bucket_policy.state.policy).Statement : statement.Effect] == ["Deny", "Deny"]
    error_message = "the bucket's policy must only deny: plain HTTP, and other keys"
  }
  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.state.rule[0].noncurrent_version_expiration[0].noncurrent_days == 90
    error_message = "old versions must expire after 90 days"
  }
  assert {
    condition     = length(aws_dynamodb_table.lock) == 0 && output.lock_table == null
    error_message = "states are locked by a file in the bucket, without a table"
  }
  assert {
    condition     = output.backend == { bucket = aws_s3_bucket.state.id, region = "us-east-1", use_lockfile = true }
    error_message = "the output must say what the backend's configuration says"
  }
}

run "everything_turned_on" {
  command = plan

  variables {
    lock_table_enabled = true
    old_version_days   = 30
    force_destroy      = true
  }

  assert {
    condition     = aws_dynamodb_table.lock[0].hash_key == "LockID" && output.lock_table == "retail-dev-state-lock"
    error_message = "the table must have the key that Terraform asks for"
  }
  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.state.rule[0].noncurrent_version_expiration[0].noncurrent_days == 30 && aws_s3_bucket.state.force_destroy
    error_message = "old_version_days and force_destroy must reach the bucket"
  }
}
