"""The public functions and connections."""
