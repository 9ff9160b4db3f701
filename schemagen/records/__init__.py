"""Blocks to typed columns or refused records; no server, no await."""
