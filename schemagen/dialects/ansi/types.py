"""SQL types by their standard names, which are those of the catalog."""

from __future__ import annotations

from schemagen.catalog.types import ansi_type as native_type

__all__ = ["native_type"]
