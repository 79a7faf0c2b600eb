"""The JSON of integrations, in camelCase."""
