"""Options about schemas that were not chosen: one configuration serves the commands for all entities and those for one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from schemagen.document.node import Document
from schemagen.errors import SchemagenError
from schemagen.options import SchemaOptions
from schemagen.shape.entities import Entity, find_schema, is_at
from schemagen.shape.shapes import Shapes
from schemagen.shape.terms import Leaf


def about_chosen(documents: Sequence[Document], entities: Sequence[Entity], shapes: Shapes, options: SchemaOptions) -> SchemaOptions:
    """The options without keys, uniques, not-nulls and foreign keys of schemas that are there, but are not among the entities asked for.

    A foreign key from an entity to such a schema is not made, and noted. What names nothing at all stays, to be refused.
    """
    if not options.entities:
        return options

    def is_other(name: str) -> bool:
        if any(name in item.known_as or ("#" in name and is_at(item.node, name)) for item in entities):
            return False
        try:
            find_schema(documents, name, shapes.extents, options)
        except SchemagenError:
            return False
        return bool(name)

    leading = [text for text in options.fk if not _of(is_other, text.partition("=")[2])]
    for text in options.fk:
        if text not in leading and not _of(is_other, text.partition("=")[0]):
            shapes.note("NO_TARGET", Leaf("", entities[0].node), text)
    return replace(
        options,
        keys={name: names for name, names in options.keys.items() if not is_other(name)},
        unique=tuple(text for text in options.unique if not is_other(text.rpartition("=")[0])),
        not_null=tuple(text for text in options.not_null if not _of(is_other, text)),
        fk=tuple(text for text in leading if not _of(is_other, text.partition("=")[0])),
    )


def _of(is_other: Callable[[str], bool], text: str) -> bool:
    """Whether `NAME.a` is of such a schema; a name may hold dots itself."""
    return any(is_other(text[:place]) for place, character in enumerate(text) if character == ".")
