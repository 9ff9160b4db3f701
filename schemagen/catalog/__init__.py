"""Dataclasses to Catalog: the tables that they need."""
