"""The API of Email Bison: snake_case, as what was built against the systems before it expects."""
