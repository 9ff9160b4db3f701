"""Model to a module of dataclasses, and back."""
