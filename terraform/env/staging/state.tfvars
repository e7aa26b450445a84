# The same bucket as in ../staging.s3.tfbackend
state_bucket = "example-retail-staging-states"
