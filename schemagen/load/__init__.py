"""Files to rows to tables, and back."""
