# What every root module is told of prod. Accounts, buckets and ids are examples: put your own.
environment = "prod"
account_id  = "123456789012"
region      = "us-east-1"
