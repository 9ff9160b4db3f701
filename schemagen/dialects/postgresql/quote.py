"""PostgreSQL's one way to write a name and one way to write a value, whatever the session's settings are."""

from __future__ import annotations

from decimal import Decimal

from schemagen.sql import Scalar, Sql, quote_ident

ident = quote_ident


def literal(value: Scalar) -> str:
    """The value as an SQL literal. Text with a backslash is written E'..', which standard_conforming_strings does not change.

    Raises ValueError for what PostgreSQL cannot hold: NUL and unpaired surrogates.
    """
    match value:
        case None:
            return "NULL"
        case bool():
            return "TRUE" if value else "FALSE"
        case int():
            return str(value)
        case Decimal():
            return format(value, "f") if value.is_finite() else f"'{value}'::numeric"
        case float():
            # repr is the shortest text that gives the same double; inf and nan have no bare spelling.
            return repr(value) if value - value == 0 else f"'{value}'::double precision"
        case bytes():
            return f"E'\\\\x{value.hex()}'::bytea"
        case str():
            return _string(value)


def _string(value: str) -> str:
    if "\0" in value:
        raise ValueError(f"PostgreSQL text cannot hold NUL: {value[:40]!r}")
    value.encode("utf-8")
    quoted = value.replace("'", "''")
    return f"E'{quoted}'".replace("\\", "\\\\") if "\\" in quoted else f"'{quoted}'"


def text(sql: Sql) -> str:
    """The statement, its places filled by PostgreSQL's rules."""
    return sql.fill(ident, literal)
