"""Random models of schema-made modules: names that bite, every shape, every fact."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from schemagen.model.docs import tidy
from schemagen.names import class_name, column_name, identifier, unique_names
from schemagen.shape.facts import EntityFacts, ForeignKeyFacts, Missing
from schemagen.shape.types import (
    Anything,
    Bool,
    Bytes,
    ClassRef,
    ClassShape,
    Date,
    Dec,
    Duration,
    EnumMember,
    EnumRef,
    EnumShape,
    Field,
    Float,
    Instant,
    Int,
    Ip,
    ListOf,
    MapOf,
    Model,
    Shape,
    Str,
    TimeOfDay,
    UnionOf,
    Uuid,
    Values,
    ordered_options,
    ordered_values,
)

# Property names that a class body, `get_type_hints`, dataclasses or SQL could stumble over.
BITING = (
    "list", "dict", "str", "int", "float", "bytes", "bool", "field", "dataclass", "date", "datetime", "time", "uuid", "UUID", "Decimal",
    "Any", "Literal", "Annotated", "ClassVar", "Enum", "Alias", "MaxLength", "PrimaryKey", "FieldFacts", "EntityFacts", "_dt", "_b", "_dc",
    "class", "None", "mro", "self", "__init__", "__slots__", "__post_init__", "__class__", "__x", "_missing_", "__new__", "ﬁ", "fi",
    "_extra", "_absent", "extra_", "", "full-name", "a.b", "1st", "name", "value", "order", "select", "Person", "Kind", "property", "set",
)  # fmt: skip
names = st.sampled_from(BITING) | st.text(max_size=8)
texts = st.text(max_size=30) | st.sampled_from(
    ['"""', "\\", '\\"', "it's", 'say "x"', "x" * 125, "a\nb", ":param x: no", "  in\n    out", "\r", "\u202e", "\0", "é😀"]
)
docs = (st.none() | texts).map(tidy)
integers = st.integers(-(1 << 70), 1 << 70)

scalars: st.SearchStrategy[Shape] = st.one_of(
    st.sampled_from(
        (
            Bool(),
            Float(),
            Float(32),
            Dec(),
            Dec(text=True),
            Dec(8, 2),
            Dec(5, 0, True),
            Str(),
            Date(),
            Instant(),
            Instant(naive=True),
            TimeOfDay(),
            Duration(),
            Uuid(),
            Ip(4),
            Ip(6),
            Bytes(),
            Bytes(base64=False),
            Int(),
            Int(unsigned=True),
        )
    ),
    st.builds(lambda n, fixed: Str(n, fixed), st.integers(1, 300), st.booleans()),
    st.builds(Int, st.sampled_from([8, 16, 32, 64]), st.booleans()),
    st.builds(Int, st.none(), st.just(False), st.none() | integers, st.none() | integers),
    st.lists(texts, min_size=1, max_size=3, unique=True).map(lambda values: Values(ordered_values(values))),
    st.lists(integers, min_size=1, max_size=3, unique=True).map(lambda values: Values(ordered_values(values))),
    st.sampled_from([Values((True,)), Values((False, True))]),
)


def shapes(classes: list[str], enums: list[str]) -> st.SearchStrategy[Shape]:
    leaves = [scalars, st.just(Anything())]
    if classes:
        leaves.append(st.sampled_from(classes).map(ClassRef))
    if enums:
        leaves.append(st.builds(EnumRef, st.sampled_from(enums), st.booleans()))
    return st.recursive(st.one_of(leaves), lambda inner: st.one_of(_lists(inner), _unions(inner)), max_leaves=4)


def _lists(inner: st.SearchStrategy[Shape]) -> st.SearchStrategy[Shape]:
    def nested(kind: Any, item: Shape, nullable: bool) -> Shape:
        result: Shape = kind(item, nullable and not isinstance(item, Anything))
        return result

    return st.builds(nested, st.sampled_from([ListOf, MapOf]), inner, st.booleans())


def _unions(inner: st.SearchStrategy[Shape]) -> st.SearchStrategy[Shape]:
    """Unions as the front end makes them: of different kinds, none of them any value, an open enumeration or a union."""

    def union(options: list[Shape]) -> Shape:
        kinds = {type(option): option for option in options if not isinstance(option, Anything | UnionOf | EnumRef)}
        return UnionOf(ordered_options(kinds.values())) if len(kinds) > 1 else options[0]

    return st.lists(inner, min_size=2, max_size=4).map(union)


defaults: st.SearchStrategy[Any] = st.one_of(
    st.just(Missing()), st.none(), st.booleans(), integers, texts, st.decimals(allow_nan=False, allow_infinity=False),
    st.sampled_from([[], {}, [1, {"a": Decimal("0.1")}], {"x": [None, True]}, "x" * 200]),
)  # fmt: skip


@st.composite
def fields(draw: st.DrawFn, owner: EntityFacts | None, originals: list[str], classes: list[str], enums: list[str]) -> tuple[Field, ...]:
    python = unique_names(originals, identifier)
    result = []
    for json_name in originals:
        name = python[json_name]
        shape = draw(shapes(classes, enums))
        in_key = owner is not None and name in owner.key
        required = in_key or draw(st.booleans())
        nullable = isinstance(shape, Anything) or (not in_key and draw(st.booleans()))
        target = st.builds(lambda field, name=name: ForeignKeyFacts((name,), "Other", field), st.sampled_from([(), ("id",)]))
        result.append(
            Field(
                name,
                json_name,
                draw(st.just(column_name(json_name)) | st.sampled_from(["renamed", "other column"])),
                shape,
                required=required,
                nullable=nullable,
                not_null=draw(st.booleans()),
                identity=draw(st.booleans()) and isinstance(shape, Int),
                unique=draw(st.booleans()),
                foreign_key=draw(st.none() | target),
                default=draw(defaults),
                doc=draw(docs),
                deprecated=draw(st.booleans()),
                read_only=draw(st.booleans()),
                write_only=draw(st.booleans()),
            )
        )
    return tuple(result)


@st.composite
def models(draw: st.DrawFn) -> Model:
    """A model with up to three classes and two enumerations."""
    taken = unique_names(draw(st.lists(names, min_size=1, max_size=5, unique=True)), class_name)
    chosen = list(taken.values())
    split = draw(st.integers(1, len(chosen)))
    classes, enums = chosen[:split][:3], chosen[split:][:2]
    entities = draw(st.integers(0, len(classes)))
    made = []
    for index, name in enumerate(classes):
        originals = draw(st.lists(names, max_size=6, unique=True))
        python = list(unique_names(originals, identifier).values())
        facts = None
        if index < entities:
            some = st.lists(st.sampled_from(python), max_size=2, unique=True).map(tuple) if python else st.just(())
            facts = EntityFacts(
                draw(texts),
                draw(some),
                draw(st.sampled_from(["#", "#/items", "#/properties/a~1b"])),
                draw(st.lists(some, max_size=2).map(tuple)),
                draw(st.lists(st.builds(ForeignKeyFacts, some, st.just("Other"), some), max_size=2).map(tuple)),
                draw(st.none() | texts),
                draw(st.booleans()),
            )
        made.append(
            ClassShape(name, draw(fields(facts, originals, classes, enums)), facts, draw(st.booleans()), doc=draw(docs), pointer="")
        )
    shown = []
    for name in enums:
        values = draw(st.lists(names, min_size=1, max_size=4, unique=True))
        members = unique_names(values, identifier)
        shown.append(EnumShape(name, tuple(EnumMember(members[value], value, draw(docs)) for value in values), draw(docs)))
    source = draw(st.sampled_from(["person.json", "a.b.yaml", "-", 'x"\n.json']))
    return Model(draw(st.sampled_from(["person", "a.b", "-"])), tuple(made), tuple(shown), source, "abc")
