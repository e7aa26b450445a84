# The same bucket as in ../dev.s3.tfbackend
state_bucket = "example-retail-dev-states"
