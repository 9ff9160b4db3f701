"""Keys, uniques and foreign keys: from options first, then from the conventions that documents follow, as facts of the entities."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from schemagen.errors import SchemagenError
from schemagen.jsontext import JsonType
from schemagen.options import SchemaOptions, split_escaped
from schemagen.shape.admitted import Extents
from schemagen.shape.entities import Entity, is_at
from schemagen.shape.facts import ForeignKeyFacts
from schemagen.shape.notes import has_flag, said
from schemagen.shape.shapes import Shapes
from schemagen.shape.terms import Leaf, Term
from schemagen.shape.types import (
    Anything,
    ClassRef,
    ClassShape,
    Field,
    Int,
    ListOf,
    MapOf,
    Nothing,
    UnionOf,
)

_FK_NOTE = re.compile(r"<fk table='([^']+)' column='([^']+)'/>")
_UNFIT = ClassRef | ListOf | MapOf | UnionOf | Anything | Nothing


@dataclass(frozen=True, slots=True)
class Keyed:
    """An entity with its class, as far as it is made."""

    entity: Entity
    shape: ClassShape

    def field(self, json_name: str) -> Field | None:
        return next((item for item in self.shape.fields if item.json_name == json_name), None)


def add_keys(entities: Sequence[Keyed], shapes: Shapes, options: SchemaOptions) -> list[Keyed]:
    """The entities with their keys, uniques and foreign keys. Raises UNKNOWN_ENTITY, KEY_UNKNOWN, KEY_NOT_SCALAR, USAGE."""
    extents = shapes.extents
    wanted = _keys_of_options(entities, options)
    found = []
    for item in entities:
        item = _with_properties(item, extents)
        fields = wanted.get(item.entity.key) or _stated_key(item, extents) or _inferred_key(item, options)
        found.append(_with_key(item, fields))
    for text in options.unique:
        position, names = _unique_option(found, text)
        found[position] = _with_unique(found[position], [_known(found[position], name, "unique") for name in names])
    for text in options.not_null:
        position, name = _column_option(found, text, "not-null")
        field = _known(found[position], name, "not-null")
        found[position] = _replaced(found[position], replace(field, not_null=True))
    found = [_with_stated_foreign_keys(item, found, shapes) for item in found]
    for text in options.fk:
        found = _with_fk_option(found, text)
    return found


def _replaced(item: Keyed, *fields: Field) -> Keyed:
    changed = {field.name: field for field in fields}
    return replace(item, shape=replace(item.shape, fields=tuple(changed.get(field.name, field) for field in item.shape.fields)))


# Finding what a name means


def _position(entities: Sequence[Keyed], name: str, option: str) -> int:
    """Where the entity of a name stands. Raises UNKNOWN_ENTITY."""
    if "#" in name:
        hits = [place for place, item in enumerate(entities) if is_at(item.entity.node, name)]
    else:
        hits = [place for place, item in enumerate(entities) if name in item.entity.known_as]
    if len(hits) == 1:
        return hits[0]
    there = ", ".join(item.shape.name for item in entities) or "none"
    sentence = f"several entities are called {name!r}" if hits else f"there is no entity {name!r}; there are: {there}"
    raise SchemagenError("UNKNOWN_ENTITY", option, sentence)


def _known(item: Keyed, name: str, option: str) -> Field:
    """The field of a property that an option names. Raises KEY_UNKNOWN, KEY_NOT_SCALAR."""
    name = name.removeprefix("#/properties/") if item.field(name) is None else name
    field = item.field(name)
    place = item.entity.node.location
    if field is None:
        head = item.field(name.partition(".")[0].partition("/")[0])
        if head is not None and head.json_name != name and isinstance(head.shape, _UNFIT):
            sentence = f"{option} {name!r} is below {head.json_name!r}; expected a property of the record itself"
            raise SchemagenError("KEY_NOT_SCALAR", place, sentence)
        raise SchemagenError("KEY_UNKNOWN", place, f"{option} {name!r} is no property{_candidates(item, name)}")
    return field


def _candidates(item: Keyed, name: str) -> str:
    scalars = [field.json_name for field in item.shape.fields if not isinstance(field.shape, _UNFIT)]
    near = difflib.get_close_matches(name, scalars, 1, 0.7)
    if near:
        return f"; did you mean {near[0]!r}?"
    required = [field.json_name for field in item.shape.fields if field.required and field.json_name in scalars]
    listed = required or scalars
    return f"; candidates are {', '.join(listed[:8])}" if listed else ""


def _scalar(item: Keyed, field: Field) -> Field:
    if isinstance(field.shape, _UNFIT):
        what = {ClassRef: "an object", ListOf: "a list", MapOf: "a map", Nothing: "null only"}.get(type(field.shape), "of several types")
        raise SchemagenError("KEY_NOT_SCALAR", item.entity.node.location, f"key {field.json_name!r} is {what}; expected one scalar type")
    return field


# Keys


def _keys_of_options(entities: Sequence[Keyed], options: SchemaOptions) -> dict[str, list[Field]]:
    """The fields of each entity's key that options name; "" is for every entity that has no own entry."""
    found: dict[str, list[Field]] = {}
    for name, properties in options.keys.items():
        if name:
            item = entities[_position(entities, name, "key")]
            found[item.entity.key] = [_scalar(item, _known(item, each, "key")) for each in properties]
    for item in entities:
        if "" not in options.keys or item.entity.key in found:
            continue
        # Of components that nobody asked for one by one, those that have the properties.
        if item.entity.asked or all(item.field(each) is not None for each in options.keys[""]):
            found[item.entity.key] = [_scalar(item, _known(item, each, "key")) for each in options.keys[""]]
    if "" in options.keys and entities and not found:
        raise SchemagenError("KEY_UNKNOWN", "key", f"no component has the properties {', '.join(options.keys[''])}")
    return found


def _stated_key(item: Keyed, extents: Extents) -> list[Field]:
    """The key that the document states, if all of it is there and scalar."""
    for schema in said(Leaf("", item.entity.node), extents):
        for word in ("x-primary-key", "primaryKey", "key_properties", "table-key-properties", "source_defined_primary_key"):
            fields = [item.field(name) for name in _key_names(schema.get(word))]
            if fields and all(field is not None and not isinstance(field.shape, _UNFIT) for field in fields):
                return [field for field in fields if field is not None]
    marked = []
    for name, property_ in item.entity.objects.properties:
        schemas = said(property_.term, extents)
        field = item.field(name)
        if field is None or isinstance(field.shape, _UNFIT):
            continue
        if has_flag(schemas, "x-primary-key", "pk") or any("<pk/>" in str(schema.get("description")) for schema in schemas):
            marked.append(field)
    return marked


def _key_names(value: JsonType) -> list[str]:
    match value:
        case str():
            return [value]
        case {"key": str(name)}:
            return [name]
        case list():
            plain = [item for item in value if isinstance(item, str)]
            nested = [item[0] for item in value if isinstance(item, list) and len(item) == 1 and isinstance(item[0], str)]
            return plain if len(plain) == len(value) else nested if len(nested) == len(value) else []
    return []


def _inferred_key(item: Keyed, options: SchemaOptions) -> list[Field]:
    field = item.field("id") if options.infer_keys else None
    return [field] if field and field.required and not field.nullable and not isinstance(field.shape, _UNFIT) else []


def _with_key(item: Keyed, fields: Sequence[Field]) -> Keyed:
    """Key columns are there and not null, whatever the schema says: a record without them is a reject."""
    facts = item.shape.entity
    if not fields or facts is None:
        return item
    current = {field.name: field for field in item.shape.fields}
    item = _replaced(item, *(replace(current[field.name], required=True, nullable=False, not_null=True) for field in fields))
    return replace(item, shape=replace(item.shape, entity=replace(facts, key=tuple(dict.fromkeys(field.name for field in fields)))))


# Uniques


def _with_properties(item: Keyed, extents: Extents) -> Keyed:
    """Uniques and identities that the document states."""
    for name, property_ in item.entity.objects.properties:
        field = item.field(name)
        schemas = said(property_.term, extents)
        if field is None or isinstance(field.shape, _UNFIT):
            continue
        identity = isinstance(field.shape, Int) and has_flag(schemas, "x-autoincrement")
        unique = has_flag(schemas, "x-unique", "unique")
        if identity or unique:
            item = _replaced(item, replace(field, identity=identity, unique=unique))
    for schema in said(Leaf("", item.entity.node), extents):
        for word in ("x-unique", "x-composite-unique", "uniqueKeys"):
            item = _with_stated_uniques(item, schema.get(word))
    return item


def _with_stated_uniques(item: Keyed, value: JsonType) -> Keyed:
    if not isinstance(value, list):
        return item
    groups = [value] if all(isinstance(name, str) for name in value) else [group for group in value if isinstance(group, list)]
    for group in groups:
        fields = [item.field(name) for name in group if isinstance(name, str)]
        known = [field for field in fields if field is not None and not isinstance(field.shape, _UNFIT)]
        if known and len(known) == len(group):
            item = _with_unique(item, known)
    return item


def _with_unique(item: Keyed, fields: Sequence[Field]) -> Keyed:
    fields = [_scalar(item, field) for field in fields]
    facts = item.shape.entity
    if len(fields) == 1:
        return _replaced(item, replace(fields[0], unique=True))
    names = tuple(field.name for field in fields)
    if facts is None or names in facts.unique:
        return item
    return replace(item, shape=replace(item.shape, entity=replace(facts, unique=(*facts.unique, names))))


def _unique_option(entities: Sequence[Keyed], text: str) -> tuple[int, list[str]]:
    entity, separator, names = text.rpartition("=")
    if not separator or not names:
        raise SchemagenError("USAGE", "unique", f"expected ENTITY=a,b, got {text!r}")
    return _position(entities, entity, "unique"), [name.strip() for name in split_escaped(names, ",")]


def _column_option(entities: Sequence[Keyed], text: str, option: str) -> tuple[int, str]:
    """`ENTITY.a`: the first dot behind which an entity's name is complete."""
    places = [place for place, character in enumerate(text) if character == "."]
    for place in places:
        name = text[:place]
        if any(name in item.entity.known_as or ("#" in name and is_at(item.entity.node, name)) for item in entities):
            return _position(entities, name, option), text[place + 1 :]
    if not places:
        raise SchemagenError("USAGE", option, f"expected ENTITY.a, got {text!r}")
    return _position(entities, text[: places[0]], option), text[places[0] + 1 :]


# Foreign keys


def _with_fk_option(entities: list[Keyed], text: str) -> list[Keyed]:
    """`ENTITY.a=ENTITY.b`, and `ENTITY.a,c=ENTITY.b,d` for several columns."""
    left, separator, right = text.partition("=")
    if not separator:
        raise SchemagenError("USAGE", "fk", f"expected ENTITY.a=ENTITY.b, got {text!r}")
    position, names = _column_option(entities, left, "fk")
    target, target_names = _column_option(entities, right, "fk")
    fields = [_known(entities[position], name, "fk") for name in split_escaped(names, ",")]
    targets = [_known(entities[target], name, "fk") for name in split_escaped(target_names, ",")]
    if len(fields) != len(targets):
        raise SchemagenError("USAGE", "fk", f"expected as many columns on both sides, got {text!r}")
    return [*entities[:position], _with_foreign_key(entities[position], fields, entities[target], targets), *entities[position + 1 :]]


def _with_foreign_key(item: Keyed, fields: Sequence[Field], other: Keyed, targets: Sequence[Field]) -> Keyed:
    for owner, field in [(item, field) for field in fields] + [(other, field) for field in targets]:
        _scalar(owner, field)
    key = ForeignKeyFacts(tuple(field.name for field in fields), other.shape.name, tuple(field.name for field in targets))
    if len(fields) == 1:
        return _replaced(item, replace(fields[0], foreign_key=key))
    facts = item.shape.entity
    if facts is None or key in facts.foreign_keys:
        return item
    return replace(item, shape=replace(item.shape, entity=replace(facts, foreign_keys=(*facts.foreign_keys, key))))


def _with_stated_foreign_keys(item: Keyed, entities: Sequence[Keyed], shapes: Shapes) -> Keyed:
    """Foreign keys that the document states, to entities that are here; of others it is noted that they are not made."""

    def referring(item: Keyed, term: Term, names: Sequence[str], table: str, columns: Sequence[str]) -> Keyed:
        found = _referring(item, names, entities, table, columns)
        if found is None:
            shapes.note("NO_TARGET", term, f"{', '.join(names)} to {table}: {', '.join(columns)}")
        return found or item

    for name, property_ in item.entity.objects.properties:
        for schema in said(property_.term, shapes.extents):
            stated = schema.get("x-foreign-key")
            table, _, column = stated.rpartition(".") if isinstance(stated, str) else ("", "", "")
            note = _FK_NOTE.search(str(schema.get("description")))
            if note:
                table, column = note.groups()
            if table:
                item = referring(item, property_.term, [name], table, [column])
    own = Leaf("", item.entity.node)
    for schema in said(own, shapes.extents):
        stated = schema.get("foreignKeys")
        for each in stated if isinstance(stated, list) else []:
            match each:
                case {"fields": names, "reference": {"fields": columns, **rest}}:
                    table = str(rest.get("resource") or item.entity.table)
                    item = referring(item, own, _key_names(names), table, _key_names(columns))
    return item


def _referring(item: Keyed, names: Sequence[str], entities: Sequence[Keyed], table: str, columns: Sequence[str]) -> Keyed | None:
    """The entity with a foreign key; None where what it leads to, or from, is not one known column for each."""
    others = [other for other in entities if table in other.entity.known_as]
    if len(others) != 1:
        return None
    fields = [item.field(name) for name in names]
    targets = [others[0].field(column) for column in columns]
    known = [field for field in (*fields, *targets) if field is not None and not isinstance(field.shape, _UNFIT)]
    if not fields or len(fields) != len(targets) or len(known) != len(fields) + len(targets):
        return None
    return _with_foreign_key(item, known[: len(fields)], others[0], known[len(fields) :])


def has_key(shape: ClassShape) -> bool:
    return shape.entity is not None and bool(shape.entity.key)
