# Images come from dev's registry.
registry_enabled = false
