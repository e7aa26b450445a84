# The bucket of ../staging.s3.tfbackend, where the state of ../../vpc is
state_bucket = "example-retail-staging-states"

administrators                   = ["arn:aws:iam::444455556666:role/platform-admin"]
viewers                          = ["arn:aws:iam::444455556666:role/developer"]
endpoint_public_access_cidrs     = ["203.0.113.0/24"]
control_plane_log_retention_days = 90

hosted_zones    = { "staging.example.com" = "Z0123456789STGEXAMPLE" }
certificate_arn = "arn:aws:acm:us-east-1:444455556666:certificate/5d7c1c52-8c5f-4d0e-9a53-2f0c5d1b7a11"

volume_kms_key_arn        = "arn:aws:kms:us-east-1:444455556666:key/1f3a5c7e-2b4d-4f60-8a9c-0e1d2c3b4a51"
catalog_database_endpoint = "retail-staging-catalog.c9akciq32rgz.us-east-1.rds.amazonaws.com:3306"
orders_database_endpoint  = "retail-staging-orders.c9akciq32rgz.us-east-1.rds.amazonaws.com:5432"
orders_queue_arn          = "arn:aws:sqs:us-east-1:444455556666:retail-staging-orders"
cart_table_arn            = "arn:aws:dynamodb:us-east-1:444455556666:table/retail-staging-carts"
checkout_cache_endpoint   = "master.retail-staging-checkout.a1b2c3.use1.cache.amazonaws.com:6379"
