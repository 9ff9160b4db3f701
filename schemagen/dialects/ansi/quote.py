"""The one `ident()` and the one `literal()` of standard SQL, which are those of the Sql value."""

from __future__ import annotations

from schemagen.sql import Sql
from schemagen.sql import quote_ident as ident
from schemagen.sql import quote_literal as literal

__all__ = ["ident", "literal", "text"]


def text(sql: Sql) -> str:
    """The statement as text."""
    return sql.fill(ident, literal)
