# What every root module is told of dev. Accounts, buckets and ids are examples: put your own.
environment = "dev"
account_id  = "111122223333"
region      = "us-east-1"
