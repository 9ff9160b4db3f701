"""The Document and Node values: a schema document as read, and one schema in it with its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from schemagen.errors import Diagnostic, Location
from schemagen.jsontext import JsonType

if TYPE_CHECKING:
    from schemagen.document.registry import Registry


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """One schema document.

    `value` is the document as validators get it (mended, see `drafts`; floats only where JSON numbers need them).
    `draft` is the `$schema` URI of its draft, or "openapi-3.0", "openapi-3.1", "swagger-2.0".
    `digest` is the sha256 hex of its canonical JSON, so that key order and white space do not change it.
    """

    source: str
    uri: str
    value: JsonType
    draft: str
    digest: str
    registry: Registry
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def root(self) -> Node:
        return self.registry.node(self, "")


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One schema: its canonical form (see `drafts`), and where it stands. `pointer` is a JSON pointer, "" at the root."""

    document: Document
    pointer: str
    schema: Mapping[str, JsonType] | bool = field(repr=False)

    @property
    def location(self) -> Location:
        return Location(self.document.source, self.pointer)
