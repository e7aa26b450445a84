# The same bucket as in ../prod.s3.tfbackend
state_bucket = "example-retail-prod-states"
