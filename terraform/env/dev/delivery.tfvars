# The images of all environments are built and kept here; the others' clusters pull them.
github_repository = "example/retail-eks"
pull_account_ids  = ["444455556666", "123456789012"]

# So that an environment that is made again finds the names free.
secret_recovery_days = 7

# So that what staging and prod ask of their gates can be asked of dev's too.
gates_enabled             = true
gates_github_environments = ["dev"]
