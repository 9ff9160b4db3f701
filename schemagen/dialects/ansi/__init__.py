"""ANSI SQL text; never connects."""
