"""DuckDB, in process."""
