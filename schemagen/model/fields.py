"""What the annotation and the default of a field say of it, and what is left for FieldFacts: the one rule of make, emit and reflect."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from schemagen.names import column_name
from schemagen.shape.facts import FieldFacts, Missing
from schemagen.shape.types import (
    Anything,
    Bool,
    ClassShape,
    Dec,
    EnumRef,
    Field,
    Float,
    Int,
    ListOf,
    MapOf,
    Model,
    Nothing,
    Shape,
    Str,
    Values,
)

MISSING = Missing()
# A longer text is no part of a signature that reads well.
_LONGEST_DEFAULT = 60


@dataclass(frozen=True, slots=True)
class MemberOf:
    """A default that is a member of an enumeration."""

    enum: str
    member: str


@dataclass(frozen=True, slots=True)
class FieldValue:
    """The right side of a field: its default (a Python value, or MemberOf; `list` and `dict` are factories), and its facts."""

    default: Any = MISSING
    facts: FieldFacts | None = None

    @property
    def factory(self) -> type | None:
        return self.default if self.default in (list, dict) else None


def implied_nullable(shape: Shape, required: bool, admits_none: bool) -> bool:
    """Whether null is admitted, as the annotation says: `T | None` of an optional field only says that it may be absent."""
    return isinstance(shape, Anything | Nothing) or (required and admits_none)


def implied_not_null(owner: ClassShape, name: str, required: bool, nullable: bool) -> bool:
    """Whether the column is NOT NULL, as the class says."""
    facts = owner.entity
    if facts is not None and name in facts.key:
        return True
    return required and not nullable and not (facts is not None and facts.admits_other)


def admits_none(item: Field) -> bool:
    """Whether the annotation ends in `| None`."""
    return (item.nullable or not item.required) and not isinstance(item.shape, Anything | Nothing)


def field_value(model: Model, owner: ClassShape, item: Field) -> FieldValue:
    """What stands behind the annotation of a schema-made field."""
    default = python_default(model, item)
    left = MISSING if not isinstance(default, Missing) else item.default
    nullable = implied_nullable(item.shape, item.required, item.nullable)
    facts = FieldFacts(
        column=None if item.column == column_name(item.json_name) else item.column,
        nullable=None if item.nullable == nullable else item.nullable,
        not_null=None if item.not_null == implied_not_null(owner, item.name, item.required, item.nullable) else item.not_null,
        deprecated=item.deprecated,
        read_only=item.read_only,
        write_only=item.write_only,
        default=left,
    )
    if isinstance(default, Missing) and not item.required:
        default = None
    return FieldValue(default, None if facts == FieldFacts() else facts)


def python_default(model: Model, item: Field) -> Any:
    """The schema's default as a default of the dataclass's field; MISSING where there is none, or FieldFacts must keep it."""
    value = item.default
    if isinstance(value, Missing) or value is None or (item.required and item.nullable):
        return MISSING
    match item.shape:
        case Bool() if type(value) is bool:
            return value
        case Int() if type(value) is int:
            return value
        case Values(values) if any(type(value) is type(known) and value == known for known in values):
            return value if type(value) is not str or len(value) <= _LONGEST_DEFAULT else MISSING
        case Float() if type(value) in (int, float, Decimal):
            return _exact_float(value)
        case Dec(text=False) if type(value) in (int, Decimal):
            return Decimal(value)
        case Str() | EnumRef(open=True) if type(value) is str and len(value) <= _LONGEST_DEFAULT:
            return value
        case EnumRef(name):
            return _member(model, name, value)
        case ListOf() if value == []:
            return list
        case MapOf() if value == {}:
            return dict
    return MISSING


def json_default(value: Any, shape: Shape) -> Any:
    """The opposite of `python_default`, for the value that a dataclass holds (an enum's member as its value)."""
    if value is None:
        return MISSING
    if isinstance(shape, Float) and type(value) is float:
        return Decimal(repr(value))
    return value


def _exact_float(value: int | float | Decimal) -> Any:
    if isinstance(value, int) and abs(value) > 1 << 53:
        return MISSING
    number = float(value)
    exact = math.isfinite(number) and Decimal(repr(number)) == Decimal(repr(value) if isinstance(value, float) else value)
    return number if exact else MISSING


def _member(model: Model, name: str, value: Any) -> Any:
    # A field of the same name would hide the class from the fields below it.
    if any(item.name == name for owner in model.classes for item in owner.fields):
        return MISSING
    members = [member.name for member in model.named_enum(name).members if type(member.value) is type(value) and member.value == value]
    return MemberOf(name, members[0]) if members else MISSING
