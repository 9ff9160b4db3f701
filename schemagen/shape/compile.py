"""From documents to a Model: entities are chosen, their classes compiled, named and keyed; what cannot be kept exactly is noted."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from schemagen.document.node import Document
from schemagen.errors import DIAGNOSTIC_SENTENCES, Diagnostic, Problem, SchemagenError
from schemagen.options import SchemaOptions
from schemagen.shape.admitted import Extents
from schemagen.shape.classes import build_classes
from schemagen.shape.entities import Entity, about_chosen, check_names, choose, is_at, split_rename
from schemagen.shape.keys import Keyed, add_keys, has_key
from schemagen.shape.naming import stem
from schemagen.shape.shapes import Shapes
from schemagen.shape.terms import leaves
from schemagen.shape.types import Model


@dataclass(frozen=True, slots=True)
class Compiled:
    """A model, and the places of its schemas that could not be kept exactly.

    `owners`: for each entity class the document that its pointer is in.
    """

    model: Model
    diagnostics: tuple[Diagnostic, ...] = ()
    owners: tuple[tuple[str, Document], ...] = ()


def compile_model(documents: Sequence[Document], options: SchemaOptions) -> Compiled:
    """The model of one or more documents, with the entities that the options name.

    Of an OpenAPI document without `entities` every component is a class, and those with a key, or with `tables="all"` each, are entities:
    there may be none. Raises SchemagenError of the kinds for schemas; with `strict` for the first diagnostic.
    """
    shapes = Shapes(Extents())
    entities = choose(documents, shapes.extents, options)
    if options.entities or options.tables == "all" or all(item.asked for item in entities):
        check_names(entities)
    classes, enums = build_classes({item.key: item for item in entities}, shapes, options)
    keyed = add_keys([Keyed(item, classes[item.key]) for item in entities], shapes, about_chosen(documents, entities, shapes, options))
    made = [item if item.entity.asked or options.tables == "all" or has_key(item.shape) else _as_class(item) for item in keyed]
    tables = [item for item in made if item.shape.entity is not None]
    check_names([item.entity for item in tables])
    _check_columns(tables)
    _check_renames(entities, shapes, options)
    for item in made:
        classes[item.entity.key] = item.shape
    ordered = [item.shape for item in tables] + [item for item in classes.values() if item.entity is None]
    first = documents[0]
    model = Model(stem(first), tuple(ordered), enums, PurePath(first.source).name, _digest(documents))
    owners = tuple((item.shape.name, item.entity.node.document) for item in tables)
    return _judged(Compiled(model, _diagnostics(documents, shapes), owners), options)


def _as_class(item: Keyed) -> Keyed:
    return replace(item, shape=replace(item.shape, entity=None))


def _digest(documents: Sequence[Document]) -> str:
    """The first document's own; of several one of all."""
    if len(documents) == 1:
        return documents[0].digest
    return hashlib.sha256(" ".join(document.digest for document in documents).encode()).hexdigest()


def _diagnostics(documents: Sequence[Document], shapes: Shapes) -> tuple[Diagnostic, ...]:
    """Those of every document read, references too, then the shapes' own, by place."""
    registries = {id(document.registry): document.registry for document in documents}
    read = [item for registry in registries.values() for item in registry.diagnostics]
    own = sorted(shapes.diagnostics, key=lambda item: (item.place.source, item.place.pointer or "", item.code, item.detail))
    return tuple(dict.fromkeys((*read, *own)))


def _judged(compiled: Compiled, options: SchemaOptions) -> Compiled:
    if not options.strict or not compiled.diagnostics:
        return compiled
    problems = [Problem("BAD_DOCUMENT", item.place, _sentence(item)) for item in compiled.diagnostics]
    raise SchemagenError(problems[0].kind, problems[0].place, problems[0].sentence, problems[1:])


def _sentence(item: Diagnostic) -> str:
    sentence = f"{item.code}: {DIAGNOSTIC_SENTENCES[item.code]}"
    return f"{sentence} ({item.detail})" if item.detail else sentence


def _check_columns(tables: Sequence[Keyed]) -> None:
    """Raises NAME_CLASH where an option gives two properties of a table the same column."""
    for table in tables:
        seen: dict[str, str] = {}
        for field in table.shape.fields:
            other = seen.setdefault(field.column, field.json_name)
            if other != field.json_name:
                sentence = (
                    f"properties {other!r} and {field.json_name!r} both have the column {field.column!r}; --set rename names it otherwise"
                )
                raise SchemagenError("NAME_CLASH", table.entity.node.location, sentence)


def _check_renames(entities: Sequence[Entity], shapes: Shapes, options: SchemaOptions) -> None:
    """Raises BAD_OVERRIDE for a rename of what is neither an entity nor a property of a class."""
    if not options.rename:
        return
    nodes = [item.node for item in entities]
    nodes += [item.node for objects in shapes.classes.values() for _, property_ in objects.properties for item in leaves(property_.term)]
    for text in options.rename:
        pointer, name = split_rename(text)
        if not any(is_at(node, pointer) for node in nodes):
            raise SchemagenError("BAD_OVERRIDE", "rename", f"{pointer} is no table and no column, so that it cannot be called {name!r}")
