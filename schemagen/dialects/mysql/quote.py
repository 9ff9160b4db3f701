"""The one `ident()` and the one `literal()` of MySQL and MariaDB, right under the sql_mode that `settings` sets."""

from __future__ import annotations

from decimal import Decimal

from schemagen.sql import Scalar, Sql

# Written so that no control character stands in a script, where the vendor's client would read commands at the start of a line.
_ESCAPES = str.maketrans({"\\": "\\\\", "'": "''", "\0": "\\0", "\n": "\\n", "\r": "\\r", "\x1a": "\\Z"})


def ident(name: str) -> str:
    """A name between backticks. Raises ValueError for a name that no identifier can be (`lower` makes none)."""
    if not name or "\0" in name:
        raise ValueError(f"no identifier: {name!r}")
    return "`" + name.replace("`", "``") + "`"


def literal(value: Scalar) -> str:
    """A literal; strings with backslash escapes. Raises ValueError for an unpaired surrogate, which no server stores."""
    match value:
        case None:
            return "NULL"
        case bool():
            return "TRUE" if value else "FALSE"
        case Decimal():
            return format(value, "f")
        case int() | float():
            return repr(value)
        case bytes():
            return f"X'{value.hex()}'"
        case str():
            value.encode("utf-8")
            return f"'{value.translate(_ESCAPES)}'"


def text(sql: Sql) -> str:
    """The statement as text."""
    return sql.fill(ident, literal)
