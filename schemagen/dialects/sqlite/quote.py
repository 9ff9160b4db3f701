"""The one `ident()` and the one `literal()` of SQLite."""

from __future__ import annotations

from decimal import Decimal

from schemagen.sql import Scalar, Sql


def ident(name: str) -> str:
    """A name between double quotes. Raises ValueError for a name that no identifier can be (`lower` makes none)."""
    if not name or "\0" in name:
        raise ValueError(f"no identifier: {name!r}")
    return '"' + name.replace('"', '""') + '"'


def literal(value: Scalar) -> str:
    """A literal; strings have no escapes but the doubled quote.

    Raises ValueError for an unpaired surrogate, which no database stores.
    """
    match value:
        case None:
            return "NULL"
        case bool():
            return "1" if value else "0"
        case Decimal():
            return format(value, "f")
        case int() | float():
            return repr(value)
        case bytes():
            return f"X'{value.hex()}'"
        case str():
            value.encode("utf-8")
            quoted = "'" + value.replace("'", "''") + "'"
            # NUL ends a statement, and the vendor's client drops a CR at the end of a line.
            spelled = quoted.replace("\0", "'||char(0)||'").replace("\r", "'||char(13)||'")
            return quoted if spelled == quoted else f"({spelled})"


def is_constant(value: Scalar) -> bool:
    """True where the literal is one token, which ADD COLUMN asks of a default."""
    return not literal(value).startswith("(")


def text(sql: Sql) -> str:
    """The statement as text."""
    return sql.fill(ident, literal)
