# The bucket of ../prod.s3.tfbackend, where the state of ../../vpc is
state_bucket = "example-retail-prod-states"

# The API server is reached inside the VPC only.
administrators = ["arn:aws:iam::123456789012:role/platform-admin"]
viewers        = ["arn:aws:iam::123456789012:role/developer"]

node_instance_types = ["m6i.large"]
node_count          = { desired = 3, min = 3, max = 10 }

hosted_zones    = { "example.com" = "Z0123456789PRDEXAMPLE" }
certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/9b8e7f60-1a2b-4c3d-8e4f-5a6b7c8d9e0f"

volume_kms_key_arn        = "arn:aws:kms:us-east-1:123456789012:key/7a6b5c4d-3e2f-4a1b-9c8d-7e6f5a4b3c2d"
catalog_database_endpoint = "retail-prod-catalog.c9akciq32rgz.us-east-1.rds.amazonaws.com:3306"
orders_database_endpoint  = "retail-prod-orders.c9akciq32rgz.us-east-1.rds.amazonaws.com:5432"
orders_queue_arn          = "arn:aws:sqs:us-east-1:123456789012:retail-prod-orders"
cart_table_arn            = "arn:aws:dynamodb:us-east-1:123456789012:table/retail-prod-carts"
checkout_cache_endpoint   = "master.retail-prod-checkout.a1b2c3.use1.cache.amazonaws.com:6379"
