"""Dataclasses as a model: those that a person wrote, one by one or as a module."""

from __future__ import annotations

import enum
import sys
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, NewType, Optional, Union
from uuid import UUID

import pytest
from strong_typing.auxiliary import Alias, IntegerRange, MaxLength, Precision, int16
from strong_typing.core import JsonType

from schemagen.errors import SchemagenError
from schemagen.model.annotations import Identity, PrimaryKey, Unique
from schemagen.model.reflect import entity_class, module_from_file, reflect, reflect_class, reflect_classes
from schemagen.shape.types import (
    Anything,
    ClassRef,
    Dec,
    EnumRef,
    Instant,
    Int,
    ListOf,
    MapOf,
    Missing,
    Shape,
    Str,
    UnionOf,
    Uuid,
    Values,
)

Name = NewType("Name", str)


class Level(enum.IntEnum):
    low = 1
    high = 2


class Kind(str, enum.Enum):  # noqa: UP042 (as people wrote it before StrEnum)
    """What it is.

    :cvar a: the first
    """

    a = "a"
    b = "b"


@dataclass
class Part:
    kind: Kind


@dataclass(slots=True)
class Thing:
    """A thing.

    :param id: its number
    :param note: anything,
        on two lines
    :returns: nothing
    """

    id: PrimaryKey[Identity[int]]
    code: Unique[Annotated[str, MaxLength(8), Alias("the-code")]]
    parts: list[Part]
    level: Level | None
    note: str = "none"
    count: ClassVar[int] = 0


@dataclass
class Base:
    id: PrimaryKey[int]


@dataclass
class Derived(Base):
    thing: Thing
    other: Base | None = None


def test_hand_written_class_is_an_entity_by_its_key() -> None:
    shape = reflect_class(Thing)
    assert shape.entity is not None
    assert (shape.entity.table, shape.entity.key, shape.schema_made, shape.open) == ("Thing", ("id",), False, False)
    assert reflect_class(Part).entity is None


def test_docstring_describes_the_class_and_its_fields() -> None:
    shape = reflect_class(Thing)
    assert shape.doc == "A thing."
    assert {item.name: item.doc for item in shape.fields if item.doc} == {"id": "its number", "note": "anything,\non two lines"}
    assert reflect_class(Base).doc is None, "the signature that dataclass writes is no description"


def test_hand_written_field_has_its_name_as_column_and_null_as_annotated() -> None:
    fields = {item.name: item for item in reflect_class(Thing).fields}
    assert (fields["code"].column, fields["code"].json_name, fields["code"].unique) == ("code", "the-code", True)
    assert (fields["id"].identity, fields["id"].not_null, fields["id"].default) == (True, True, Missing())
    assert (fields["level"].nullable, fields["level"].not_null, fields["level"].required) == (True, False, True)
    assert (fields["note"].default, fields["note"].required, fields["note"].not_null) == ("none", False, True)
    assert "count" not in fields


def test_classes_bring_what_they_refer_to_even_through_others() -> None:
    model = reflect_classes([Derived])
    assert [item.name for item in model.entities] == ["Derived", "Thing", "Base"]
    assert [item.name for item in model.classes] == ["Derived", "Thing", "Base", "Part"]
    assert [item.name for item in model.enums] == ["Level", "Kind"]
    assert [item.name for item in model.named_class("Derived").fields] == ["id", "thing", "other"]
    assert [(member.name, member.value, member.doc) for member in model.named_enum("Kind").members] == [
        ("a", "a", "the first"), ("b", "b", None),
    ]  # fmt: skip
    assert model.named_enum("Kind").doc == "What it is."


def test_module_holds_its_own_classes_first() -> None:
    model = reflect(sys.modules[__name__])
    assert [item.name for item in model.entities] == ["Thing", "Base", "Derived", "WithFactory"]
    assert model.name == "test_reflect"


@pytest.mark.parametrize(
    ("hint", "shape", "nullable"),
    [
        (Optional[int], Int(), True),  # noqa: UP045
        (Union[str, None], Str(), True),  # noqa: UP007
        (Annotated[str | None, MaxLength(5)], Str(5), True),
        (PrimaryKey[Annotated[str, MaxLength(5)]], Str(5), False),
        (int16, Int(16), False),
        (Annotated[int16, IntegerRange(0, 9)], Int(16, minimum=0, maximum=9), False),
        (Annotated[int, IntegerRange(0, 9)], Int(minimum=0, maximum=9), False),
        ("Decimal", Dec(), False),
        (Annotated["Decimal", Precision(5, 1)], Dec(5, 1), False),
        (Literal["a", None], Values(("a",)), True),
        (Literal["a", 1], UnionOf((Values(("a",)), Values((1,)))), False),
        (Literal[2, 1], Values((1, 2)), False),
        (Kind | str, EnumRef("Kind", open=True), False),
        (str | Kind | None, EnumRef("Kind", open=True), True),
        (list, ListOf(Anything()), False),
        (list[Any], ListOf(Anything()), False),
        (list[int | None], ListOf(Int(), nullable=True), False),
        (dict[str, list[UUID]], MapOf(ListOf(Uuid())), False),
        (dict, MapOf(Anything()), False),
        (JsonType, Anything(), True),
        (Any, Anything(), True),
        (Name, Str(), False),
        (Part, ClassRef("Part"), False),
        (Part | int | None, UnionOf((Int(), ClassRef("Part"))), True),
        (datetime, Instant(), False),
        (Annotated[str, "a note of another library"], Str(), False),
    ],
)
def test_annotation_gives_the_shape(hint: Any, shape: Shape, nullable: bool) -> None:
    (item,) = reflect_class(made(hint)).fields
    assert (item.shape, item.nullable) == (shape, nullable)


def made(hint: Any) -> type:
    """A dataclass of this module with one field of that annotation."""
    cls = dataclass(type("Made", (), {"__annotations__": {"it": hint}, "__module__": __name__}))
    assert isinstance(cls, type)
    return cls


from decimal import Decimal  # noqa: E402 (named by a string above)


@pytest.mark.parametrize(
    ("hint", "message"),
    [
        (set[int], r"UNSUPPORTED: test_reflect.py: Made.it: the annotation set\[int\] has no column type"),
        (tuple[int, ...], "has no column type"),
        (complex, "the annotation complex has no column type"),
        (dict[int, str], "a dict needs keys of str"),
        (Literal[b"x"], "a Literal needs values of str, int or bool"),
        ("Nowhere", "the annotation 'Nowhere' cannot be resolved: name 'Nowhere' is not defined"),
        ("1 +", "cannot be resolved"),
        (type("Loose", (), {}), "the annotation Loose has no column type"),
    ],
)
def test_annotation_without_a_shape_is_one_line_that_names_the_field(hint: Any, message: str) -> None:
    with pytest.raises(SchemagenError, match=message) as caught:
        reflect_class(made(hint))
    assert caught.value.kind == "UNSUPPORTED"
    assert "\n" not in str(caught.value)


def test_enum_of_mixed_values_or_flags_is_refused() -> None:
    for made_enum in (enum.Enum("E", [("a", 1), ("b", "b")]), enum.Flag("F", ["a", "b"])):
        with pytest.raises(SchemagenError, match=r"UNSUPPORTED: .*an enum needs values that are all str or all int"):
            reflect_classes([made(made_enum)])


def test_two_classes_of_one_name_are_a_clash() -> None:
    other = enum.Enum("Kind", [("x", "x")], module="elsewhere")
    holder = dataclass(type("Holder", (), {"__annotations__": {"a": Kind, "b": other}, "__module__": __name__}))
    with pytest.raises(SchemagenError, match=f"NAME_CLASH: Kind: is a class of elsewhere and of {__name__}"):
        reflect_classes([holder])


def test_what_is_no_dataclass_is_refused() -> None:
    with pytest.raises(SchemagenError, match="UNSUPPORTED: int: is no dataclass"):
        reflect_classes([int])


def test_entity_is_found_by_class_table_or_pointer() -> None:
    module = sys.modules[__name__]
    assert entity_class(module, "Thing") is Thing
    with pytest.raises(SchemagenError, match=r"UNKNOWN_ENTITY: .*has no entity 'Nobody'; it has: Thing, Base, Derived, WithFactory"):
        entity_class(module, "Nobody")


def test_file_is_imported_once_for_the_same_bytes(tmp_path: Path) -> None:
    path = tmp_path / "models.py"
    text = "from __future__ import annotations\nfrom dataclasses import dataclass\n@dataclass\nclass A:\n    a: int\n    b: A | None\n"
    path.write_text(text)
    first = module_from_file(str(path))
    assert module_from_file(str(path)) is first
    assert [item.shape for item in reflect(first).classes[0].fields] == [Int(), ClassRef("A")]
    path.write_text(text.replace("a: int", "a: str"))
    assert [item.shape for item in reflect(module_from_file(str(path))).classes[0].fields] == [Str(), ClassRef("A")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("import nothing_of_that_name", "cannot be imported: ModuleNotFoundError: No module named"),
        ("a b", "SyntaxError"),
        ("1 / 0", "ZeroDivisionError"),
    ],
)
def test_file_that_cannot_be_imported_is_one_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "broken.py"
    path.write_text(text)
    before = set(sys.modules)
    with pytest.raises(SchemagenError, match=message) as caught:
        module_from_file(str(path))
    assert caught.value.kind == "BAD_DOCUMENT"
    assert not {name for name in set(sys.modules) - before if "broken" in name}


def test_missing_file_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "none.py", tmp_path):
        with pytest.raises(SchemagenError, match=r"NO_FILE: .*cannot be read"):
            module_from_file(str(path))


def test_strings_of_a_schema_made_module_name_types_only(tmp_path: Path) -> None:
    """An annotation is evaluated without the built-in functions, even in a file that was changed by hand."""
    path = tmp_path / "models.py"
    path.write_text(
        "from __future__ import annotations\nfrom dataclasses import dataclass\n__schemagen_digest__ = ''\n"
        "@dataclass\nclass A:\n    a: __import__('os').getcwd()\n"
    )
    with pytest.raises(SchemagenError, match=r"UNSUPPORTED: .*A.a: .*name '__import__' is not defined"):
        reflect(module_from_file(str(path)))


@dataclass
class WithFactory:
    id: PrimaryKey[int]
    tags: list[str] = field(default_factory=list)


def test_factory_is_no_default_of_a_column() -> None:
    item = reflect_class(WithFactory).fields[1]
    assert (item.default, item.required, item.not_null) == (Missing(), False, True)


def test_class_by_itself_brings_the_entities_that_its_foreign_keys_name(tmp_path: Path) -> None:
    file = tmp_path / "models.py"
    file.write_text("""
from dataclasses import dataclass
from typing import Annotated
from schemagen import ForeignKey, PrimaryKey

@dataclass
class Customer:
    id: PrimaryKey[int]

@dataclass
class Order:
    id: PrimaryKey[int]
    customer: Annotated[int, ForeignKey("Customer")]
""")
    module = module_from_file(str(file))
    assert [item.name for item in reflect_classes([module.Order]).entities] == ["Order", "Customer"]
