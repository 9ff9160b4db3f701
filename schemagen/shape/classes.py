"""Classes and enumerations: the fields of an object's class, in the schema's order, and the naming of what they refer to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from schemagen.jsontext import JsonType
from schemagen.names import EXTRA_FIELD, class_name, column_name, identifier, unique_names
from schemagen.options import SchemaOptions
from schemagen.shape.defaults import fits
from schemagen.shape.entities import Entity, renamed
from schemagen.shape.extent import Objects, Property
from schemagen.shape.facts import EntityFacts
from schemagen.shape.naming import assign_names
from schemagen.shape.notes import RAW_SQL, first_words, has_flag, said
from schemagen.shape.shapes import Shapes, Typed
from schemagen.shape.strings import enum_members
from schemagen.shape.terms import NOTHING, Leaf, Some, Term, leaves
from schemagen.shape.types import (
    Anything,
    ClassRef,
    ClassShape,
    EnumRef,
    EnumShape,
    Field,
    ListOf,
    MapOf,
    Missing,
    Nothing,
    Shape,
    UnionOf,
    ordered_options,
)


def build_classes(
    entities: Mapping[str, Entity], shapes: Shapes, options: SchemaOptions
) -> tuple[dict[str, ClassShape], tuple[EnumShape, ...]]:
    """The class of each owner's key, the entities' first, and all enumerations, named."""
    for entity in entities.values():
        shapes.class_of(entity.objects)
    classes: dict[str, ClassShape] = {}
    while len(classes) < len(shapes.classes):
        for key, objects in list(shapes.classes.items())[len(classes) :]:
            classes[key] = _build_class(objects, shapes, options, entities.get(key))
    owners = [objects.owner for objects in shapes.classes.values()] + [texts.owner for texts in shapes.enums.values()]
    given = {key: class_name(entity.name) for key, entity in entities.items()}
    names = assign_names([owner for owner in owners if owner is not None], given, shapes.places)
    about = {owner.key: said(owner, shapes.extents) for owner in owners if owner is not None}
    about |= {key: said(Leaf("", entity.node), shapes.extents) for key, entity in entities.items()}
    docs = {key: first_words(schemas, names[key]) for key, schemas in about.items()}
    enums = tuple(EnumShape(names[key], enum_members(texts.words), docs[key]) for key, texts in shapes.enums.items())
    return {key: replace(_named(item, names[key], names), doc=docs[key]) for key, item in classes.items()}, enums


def _build_class(objects: Objects, shapes: Shapes, options: SchemaOptions, entity: Entity | None) -> ClassShape:
    owner = objects.owner
    assert owner is not None
    shapes.extents.spend(len(objects.properties), owner.node)
    names = unique_names((name for name, _ in objects.properties), identifier, (EXTRA_FIELD,))
    columns = unique_names((name for name, _ in objects.properties), lambda name: column_name(name, options.names))
    streamed = entity is not None and options.nullable == "all"
    fields = []
    for json_name, item in objects.properties:
        required = json_name in objects.required and not item.partial and not streamed
        field = Field(names[json_name], json_name, columns[json_name], Nothing(), required)
        if item.term == NOTHING:
            shapes.note("NO_COLUMN", owner, f"{json_name}: no value at all")
        fields.append(_typed(field, item, shapes, owner, entity))
    fields = [_renamed(field, item.term, options) for field, (_, item) in zip(fields, objects.properties, strict=True)]
    if entity is not None:
        _note_raw_sql(owner, shapes)
    facts = None
    if entity is not None:
        facts = EntityFacts(entity.table, pointer=entity.pointer, origin=_origin(entity), admits_other=entity.admits_other)
    pointer = entity.pointer if entity else f"#{owner.node.pointer}"
    return ClassShape(owner.key, tuple(fields), facts, objects.is_open, pointer=pointer)


def _origin(entity: Entity) -> str | None:
    """An identity that the schema states, by which a later version is known to be the same."""
    for node in (entity.node, entity.target):
        schema = node.schema if isinstance(node.schema, Mapping) else {}
        for word in ("x-schemagen-id", "$id", "$anchor"):
            if isinstance(found := schema.get(word), str) and found:
                return found
    return None


def _typed(field: Field, item: Property, shapes: Shapes, owner: Leaf, entity: Entity | None) -> Field:
    """The field with what its schema says."""
    typed = shapes.of(item.term)
    shapes.use(item.term, owner, field.json_name)
    if isinstance(typed.shape, Nothing):
        shapes.note("NO_COLUMN", item.term, "null only" if typed.nullable else "no value at all")
    schemas = said(item.term, shapes.extents)
    about = schemas if not isinstance(item.term, Some) else said(item.term, shapes.extents, branches=True)
    if entity is not None:
        _note_raw_sql(item.term, shapes)
    refers = isinstance(typed.shape, ClassRef | EnumRef)
    nullable = typed.nullable or isinstance(typed.shape, Anything | Nothing)
    admits_other = entity is not None and entity.admits_other
    return replace(
        field,
        shape=typed.shape,
        nullable=nullable,
        not_null=field.required and not nullable and not admits_other,
        default=_default(item.term, typed, schemas, shapes),
        doc=first_words(about[:1] if refers else about, field.json_name),
        deprecated=has_flag(schemas, "deprecated"),
        read_only=has_flag(schemas, "readOnly"),
        write_only=has_flag(schemas, "writeOnly"),
    )


def _default(term: Term, typed: Typed, schemas: list[Mapping[str, JsonType]], shapes: Shapes) -> JsonType | Missing:
    stated = next((schema for schema in schemas if "default" in schema), None)
    if stated is None:
        return Missing()
    value = stated["default"]
    if (value is None and typed.nullable) or fits(value, typed.shape, shapes.enums):
        return value
    shapes.note("BAD_DEFAULT", term)
    return Missing()


def _note_raw_sql(term: Term, shapes: Shapes) -> None:
    for schema in said(term, shapes.extents):
        for word in RAW_SQL:
            if word in schema:
                shapes.note("RAW_SQL", term, word)


def _renamed(field: Field, term: Term, options: SchemaOptions) -> Field:
    column = next((name for item in leaves(term) if (name := renamed(item.node, options))), None) if options.rename else None
    return replace(field, column=column) if column else field


def _named(item: ClassShape, name: str, names: Mapping[str, str]) -> ClassShape:
    fields = tuple(replace(field, shape=_named_shape(field.shape, names)) for field in item.fields)
    return replace(item, name=name, fields=fields)


def _named_shape(shape: Shape, names: Mapping[str, str]) -> Shape:
    """The shape with the names of classes and enumerations in place of their owners' keys."""
    match shape:
        case ClassRef(key):
            return ClassRef(names[key])
        case EnumRef(key, is_open):
            return EnumRef(names[key], is_open)
        case ListOf(item, nullable):
            return ListOf(_named_shape(item, names), nullable)
        case MapOf(value, nullable):
            return MapOf(_named_shape(value, names), nullable)
        case UnionOf(options):
            return UnionOf(ordered_options(_named_shape(option, names) for option in options))
        case _:
            return shape
