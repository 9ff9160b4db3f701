"""JSON Schema to dataclasses to tables, and records into those tables."""
