"""The one way in which names and values become DuckDB SQL."""

from __future__ import annotations

import math
from decimal import Decimal

from schemagen.sql import Scalar
from schemagen.sql import quote_ident as quote_ident  # DuckDB quotes names as ANSI does, always.


def quote_literal(value: Scalar) -> str:
    """A literal that reads back as the same value: a backslash in a string stands for itself.

    Raises ValueError for a string that SQL text cannot hold (U+0000, a surrogate).
    """
    match value:
        case None:
            return "NULL"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return _float(value)
        case Decimal():
            return format(value, "f")
        case bytes():
            return "'" + "".join(f"\\x{byte:02X}" for byte in value) + "'::BLOB"
        case str():
            if not is_sql_text(value):
                raise ValueError(f"no SQL text: {value!r}")
            return "'" + value.replace("'", "''") + "'"


def is_sql_text(text: str) -> bool:
    """True without U+0000 and unpaired surrogates."""
    return "\0" not in text and (text.isascii() or not any("\ud800" <= c <= "\udfff" for c in text))


def _float(value: float) -> str:
    if math.isfinite(value):
        text = repr(value)
        # Without an exponent DuckDB reads a decimal, whose way to double may be off by one bit.
        return text if "e" in text else f"{text}e0"
    return f"'{value}'::DOUBLE"
