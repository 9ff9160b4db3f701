"""JSON or YAML text to Document."""
