"""Rows back to records."""
