# The bucket of ../dev.s3.tfbackend, where the state of ../../vpc is
state_bucket = "example-retail-dev-states"

administrators                   = ["arn:aws:iam::111122223333:role/platform-admin"]
viewers                          = ["arn:aws:iam::111122223333:role/developer"]
endpoint_public_access_cidrs     = ["203.0.113.0/24"]
control_plane_log_retention_days = 30

hosted_zones   = { "dev.example.com" = "Z0123456789DEVEXAMPLE" }
cart_table_arn = "arn:aws:dynamodb:us-east-1:111122223333:table/retail-dev-carts"
