"""A Model as a module of dataclasses, made at run time and registered in `sys.modules`."""

from __future__ import annotations

import dataclasses
import enum
import hashlib
import json
import sys
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from ipaddress import IPv4Address, IPv6Address
from types import ModuleType
from typing import Annotated, Any, ForwardRef, Literal, Union, assert_never
from uuid import UUID

from strong_typing import auxiliary as st

from schemagen.document.node import Document
from schemagen.errors import SchemagenError
from schemagen.model import docs
from schemagen.model.annotations import ForeignKey, Format, Identity, Maximum, Minimum, PrimaryKey, Unique
from schemagen.model.fields import FieldValue, MemberOf, admits_none, field_value
from schemagen.names import EXTRA_FIELD, identifier
from schemagen.shape.facts import Missing
from schemagen.shape.types import (
    Anything,
    Bool,
    Bytes,
    ClassRef,
    ClassShape,
    Date,
    Dec,
    Duration,
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
    Nothing,
    Shape,
    Str,
    TimeOfDay,
    UnionOf,
    Uuid,
    Values,
)


def make_module(model: Model, documents: Sequence[Document] = ()) -> ModuleType:
    """The module `schemagen.models.<stem>_<hash>` of the model's classes. The same model and documents give the same module.

    `__document__` is the first document (None without). Raises SchemagenError ENUM_UNREPRESENTABLE.
    """
    key = _key(model, documents)
    for digits in (8, 16, 64):
        name = f"schemagen.models.{identifier(model.name)}_{key[:digits]}"
        known = sys.modules.get(name)
        if known is None:
            return _made(ModuleType(name, f"Made by schemagen from {docs.tidy(model.source) or model.name}."), model, documents, key)
        if known.__dict__.get("__schemagen_key__") == key:
            return known
    raise AssertionError("two models have one sha256")


def _key(model: Model, documents: Sequence[Document]) -> str:
    """The hash of all that a module depends on: its classes, and every schema that its records are judged by."""
    judged = [resource for document in documents[:1] for resource in document.registry.resources()]
    text = json.dumps([repr(model), [document.uri for document in documents], judged], sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _made(module: ModuleType, model: Model, documents: Sequence[Document], key: str) -> ModuleType:
    vars(module).update(
        __document__=documents[0] if documents else None,
        __schemagen_source__=model.source,
        __schemagen_digest__=model.digest,
        __schemagen_name__=model.name,
        __schemagen_key__=key,
    )
    # Registered before a class is made: `dataclasses` and `get_type_hints` look the module up by name.
    sys.modules[module.__name__] = module
    try:
        for shape in model.enums:
            setattr(module, shape.name, _enum(module, shape))
        for owner in model.classes:
            setattr(module, owner.name, _class(module, model, owner))
    except SchemagenError:
        del sys.modules[module.__name__]
        raise
    return module


def _enum(module: ModuleType, shape: EnumShape) -> type:
    try:
        members = [(member.name, member.value) for member in shape.members]
        made: type[enum.Enum] = enum.EnumType.__call__(enum.Enum, shape.name, members, module=module.__name__)
    except (TypeError, ValueError) as error:
        raise SchemagenError("ENUM_UNREPRESENTABLE", shape.name, str(error)) from error
    # Python drops some names, and takes equal values for one, without a word.
    if len(made) != len(shape.members):
        lost = ", ".join(repr(member.name) for member in shape.members if member.name not in made.__members__) or "two equal values"
        raise SchemagenError("ENUM_UNREPRESENTABLE", shape.name, f"Python's enum cannot hold {lost}")
    made.__doc__ = docs.compose(shape.doc, {member.name: member.doc for member in shape.members}, "cvar")
    return made


def _class(module: ModuleType, model: Model, owner: ClassShape) -> type:
    key = owner.entity.key if owner.entity is not None else ()
    fields: list[tuple[str, Any, Any]] = [
        (item.name, _annotation(module, item, item.name in key), _field(module, field_value(model, owner, item))) for item in owner.fields
    ]
    if owner.open:
        fields.append((EXTRA_FIELD, _optional(dict[str, Any]), dataclasses.field(default=None)))
    namespace: dict[str, Any] = {"__module__": module.__name__}
    doc = docs.compose(owner.doc, {item.name: item.doc for item in owner.fields})
    if doc is not None:
        namespace["__doc__"] = doc
    if owner.entity is not None:
        namespace["__schemagen__"] = owner.entity
    return dataclasses.make_dataclass(owner.name, fields, namespace=namespace, kw_only=True)


def _field(module: ModuleType, value: FieldValue) -> Any:
    metadata = {} if value.facts is None else {"schemagen": value.facts}
    if value.factory is not None:
        return dataclasses.field(default_factory=value.factory, metadata=metadata)
    match value.default:
        case Missing():
            return dataclasses.field(metadata=metadata)
        case MemberOf(name, member):
            return dataclasses.field(default=getattr(module, name)[member], metadata=metadata)
        case default:
            return dataclasses.field(default=default, metadata=metadata)


def _annotation(module: ModuleType, item: Field, in_key: bool) -> Any:
    """The annotation of a field: what `spell.Speller.annotation` writes, as objects, so that no text is ever evaluated."""
    notes: list[Any] = [st.Alias(item.json_name)] if item.json_name != item.name else []
    if item.foreign_key is not None:
        notes.append(ForeignKey(item.foreign_key.entity, *item.foreign_key.target))
    hint = _noted(_type(module, item.shape), notes)
    for wanted, wrapper in ((item.identity, Identity), (item.unique, Unique), (in_key, PrimaryKey)):
        if wanted:
            hint = wrapper[hint]
    return _optional(hint) if admits_none(item) else hint


def _noted(hint: Any, notes: Sequence[Any]) -> Any:
    return Annotated[(hint, *notes)] if notes else hint


def _optional(hint: Any) -> Any:
    return Union[hint, None]  # noqa: UP007 (a ForwardRef has no |)


def _inner(module: ModuleType, shape: Shape, nullable: bool) -> Any:
    hint = _type(module, shape)
    return _optional(hint) if nullable and not isinstance(shape, Anything | Nothing) else hint


_SIMPLE: dict[type, Any] = {
    Bool: bool, Date: date, TimeOfDay: time, Duration: timedelta, Uuid: UUID, Anything: Any, Nothing: None,
}  # fmt: skip


def _type(module: ModuleType, shape: Shape) -> Any:
    match shape:
        case Bool() | Date() | TimeOfDay() | Duration() | Uuid() | Anything() | Nothing():
            return _SIMPLE[type(shape)]
        case Int():
            return _integer(shape)
        case Float(bits):
            return st.float32 if bits == 32 else float
        case Dec(precision, scale, text):
            notes = [] if precision is None else [st.Precision(precision, scale or 0)]
            return _noted(Decimal, [*notes, *([Format("decimal")] if text else [])])
        case Str(length, fixed):
            return _noted(str, [] if length is None else [st.Length(length) if fixed else st.MaxLength(length)])
        case Instant(naive):
            return _noted(datetime, [Format("date-time-local")] if naive else [])
        case Ip(version):
            return IPv4Address if version == 4 else IPv6Address
        case Bytes(base64):
            return _noted(bytes, [] if base64 else [Format("binary")])
        case EnumRef(name, open):
            made = getattr(module, name)
            return made | str if open else made
        case Values(values):
            return Literal[values]
        case ClassRef(name):
            if not name.isidentifier():
                raise ValueError(f"no class name: {name!r}")
            return ForwardRef(name)
        case ListOf(item, nullable):
            return list[_inner(module, item, nullable)]  # type: ignore[misc]
        case MapOf(value, nullable):
            return dict[str, _inner(module, value, nullable)]  # type: ignore[misc]
        case UnionOf(options):
            return Union[tuple(_type(module, option) for option in options)]  # noqa: UP007 (a ForwardRef has no |)
        case _:
            assert_never(shape)


def _integer(shape: Int) -> Any:
    hint = int if shape.bits is None else getattr(st, f"{'u' if shape.unsigned else ''}int{shape.bits}")
    notes: list[Any] = [st.Signed(False)] if shape.bits is None and shape.unsigned else []
    if shape.minimum is not None and shape.maximum is not None:
        notes.append(st.IntegerRange(shape.minimum, shape.maximum))
    elif shape.minimum is not None:
        notes.append(Minimum(shape.minimum))
    elif shape.maximum is not None:
        notes.append(Maximum(shape.maximum))
    return _noted(hint, notes)
