"""Blocks of records into tables, exactly once."""
