# What every root module is told of staging. Accounts, buckets and ids are examples: put your own.
environment = "staging"
account_id  = "444455556666"
region      = "us-east-1"
