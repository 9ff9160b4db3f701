"""What schemas say beyond constraints: titles, defaults, flags and vendor keywords, read along references and combinations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from schemagen.jsontext import JsonType
from schemagen.shape.admitted import Extents
from schemagen.shape.docs import words_about
from schemagen.shape.terms import All, Leaf, Some, Term

RAW_SQL = ("x-sql-type", "x-sql-datatype", "x-postgresqlSchema", "x-mysqlSchema", "x-server-default")
# A combination of more schemas than this is not asked for its title.
MAX_ASKED = 16


def said(term: Term, extents: Extents, *, branches: bool = False) -> list[Mapping[str, JsonType]]:
    """The schemas that speak for a term: where it stands first, then what it refers to; `branches`: those that may not hold too."""
    return list(dict(zip(range(MAX_ASKED), _said(term, extents, branches), strict=False)).values())


def _said(term: Term, extents: Extents, branches: bool) -> Iterator[Mapping[str, JsonType]]:
    match term:
        case Leaf(_, node):
            seen = set()
            while isinstance(node.schema, Mapping) and (node.document.uri, node.pointer) not in seen:
                yield node.schema
                seen.add((node.document.uri, node.pointer))
                if "$ref" not in node.schema:
                    return
                node = extents.follow(node)
        case All(terms):
            for item in terms:
                yield from _said(item, extents, branches)
        case Some(terms):
            for item in terms if branches else ():
                yield from _said(item, extents, branches)


def first_words(schemas: list[Mapping[str, JsonType]], name: str) -> str | None:
    return next((words for schema in schemas if (words := words_about(schema, name))), None)


def has_flag(schemas: list[Mapping[str, JsonType]], *keywords: str) -> bool:
    """True where any of the schemas says so by `true`."""
    return any(schema.get(keyword) is True for schema in schemas for keyword in keywords)
