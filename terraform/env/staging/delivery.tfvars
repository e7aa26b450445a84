# Images come from dev's registry.
registry_enabled = false
registry         = { account_id = "111122223333" }

# Workflows that promote to staging look for its images and secrets.
gates_enabled             = true
gates_github_environments = ["staging"]
github_repository         = "example/retail-eks"
