"""Walks over the schemas of a document as it is written."""

from __future__ import annotations

from collections.abc import Iterator

from schemagen.document.drafts import children
from schemagen.jsontext import JsonType, pointer_of


def schemas_in(schema: JsonType, pointer: str) -> Iterator[tuple[str, JsonType]]:
    """A schema and all schemas in it, each with its pointer."""
    queue = [(pointer, schema)]
    while queue:
        place, item = queue.pop()
        yield place, item
        if isinstance(item, dict):
            queue.extend((place + pointer_of(*tokens), child) for tokens, child in children(item))
