"""The Sql value: text with places for identifiers and literals, filled by a dialect's quoting rules and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal

Scalar = str | int | float | bool | Decimal | bytes | None


@dataclass(frozen=True, slots=True)
class Ident:
    """A name to be quoted. `parts` are joined by dots; an empty part (the session's own namespace) is left out."""

    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lit:
    """A value to be written as a literal."""

    value: Scalar


@dataclass(frozen=True, slots=True, init=False)
class Sql:
    """SQL text with `{}` places; `{{` and `}}` stand for braces. Parts are Ident, Lit or Sql, never text."""

    text: str
    parts: tuple[Ident | Lit | Sql, ...]

    def __init__(self, text: str, *parts: Ident | Lit | Sql) -> None:
        object.__setattr__(self, "text", text)
        object.__setattr__(self, "parts", parts)

    def fill(self, quote_ident: Callable[[str], str], quote_literal: Callable[[Scalar], str]) -> str:
        """The text, every place filled by the two functions of one dialect."""
        if not self.parts and "{" not in self.text and "}" not in self.text:
            return self.text
        filled = [_fill(part, quote_ident, quote_literal) for part in self.parts]
        return self.text.format(*filled)

    def __add__(self, other: Sql) -> Sql:
        return Sql("{}{}", self, other)

    def __str__(self) -> str:
        return self.fill(quote_ident, quote_literal)


def _fill(part: Ident | Lit | Sql, ident: Callable[[str], str], literal: Callable[[Scalar], str]) -> str:
    match part:
        case Sql():
            return part.fill(ident, literal)
        case Lit(value):
            return literal(value)
        case Ident(parts):
            return ".".join(ident(name) for name in parts if name)


def ident(*parts: str) -> Ident:
    return Ident(parts)


def lit(value: Scalar) -> Lit:
    return Lit(value)


def raw(text: str) -> Sql:
    """SQL text that this code base or a server wrote (a type's name, a canonical expression); never text of a document."""
    return Sql(text.replace("{", "{{").replace("}", "}}"))


def join(separator: str, items: Iterable[Sql | Ident | Lit]) -> Sql:
    parts = tuple(items)
    return Sql(separator.join("{}" for _ in parts), *parts)


def quote_ident(name: str) -> str:
    """ANSI: double quotes, doubled inside. A zero-length name or NUL is the caller's mistake (`names.py` makes none)."""
    if not name or "\0" in name:
        raise ValueError(f"no SQL identifier: {name!r}")
    return '"' + name.replace('"', '""') + '"'


def quote_literal(value: Scalar) -> str:
    """ANSI literal. Strings: single quotes, doubled inside."""
    match value:
        case None:
            return "NULL"
        case bool():
            return "TRUE" if value else "FALSE"
        case int() | Decimal() | float():
            return str(value)
        case bytes():
            return f"X'{value.hex()}'"
        case str():
            return "'" + value.replace("'", "''") + "'"
