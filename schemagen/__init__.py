"""JSON Schema to dataclasses to tables, and records into those tables, validated and exactly once."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import Annotated

    from strong_typing.auxiliary import (
        Alias,
        IntegerRange,
        Length,
        MaxLength,
        MinLength,
        Precision,
        Signed,
        float32,
        float64,
        int8,
        int16,
        int32,
        int64,
        uint8,
        uint16,
        uint32,
        uint64,
    )

    from schemagen.catalog.objects import Catalog
    from schemagen.engine.api import create_script, emit_source, make_plan, read_schema, relate
    from schemagen.engine.connection import Connection
    from schemagen.engine.engine import Engine, connect, get_dialect
    from schemagen.engine.explorer import Explorer
    from schemagen.errors import SchemagenError
    from schemagen.model.annotations import (
        DEFAULT,
        EntityFacts,
        FieldFacts,
        ForeignKey,
        ForeignKeyFacts,
        Format,
        Identity,
        Maximum,
        Minimum,
        PrimaryKey,
        Unique,
    )
    from schemagen.options import ArrayMode, EnumMode, GeneratorOptions, LoadOptions, PlanOptions, SchemaOptions, StructMode
    from schemagen.plan.plan import Plan
    from schemagen.url import ConnectionParameters, ConnectionSSLMode

# Each public name and the module it comes from: importing schemagen alone stays quick.
_HOMES = {
    "schemagen.options": ("ArrayMode", "EnumMode", "GeneratorOptions", "LoadOptions", "PlanOptions", "SchemaOptions", "StructMode"),
    "schemagen.url": ("ConnectionParameters", "ConnectionSSLMode"),
    "schemagen.errors": ("SchemagenError",),
    "schemagen.catalog.objects": ("Catalog",),
    "schemagen.plan.plan": ("Plan",),
    "schemagen.model.annotations": (
        "DEFAULT", "EntityFacts", "FieldFacts", "ForeignKey", "ForeignKeyFacts", "Format", "Identity",
        "Maximum", "Minimum", "PrimaryKey", "Unique",
    ),
    "schemagen.engine.api": ("create_script", "emit_source", "make_plan", "read_schema", "relate"),
    "schemagen.engine.engine": ("Engine", "connect", "get_dialect"),
    "schemagen.engine.connection": ("Connection",),
    "schemagen.engine.explorer": ("Explorer",),
    "typing": ("Annotated",),
    "strong_typing.auxiliary": (
        "Alias", "IntegerRange", "Length", "MaxLength", "MinLength", "Precision", "Signed", "float32", "float64",
        "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
    ),
}  # fmt: skip
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "DEFAULT",
    "Alias",
    "Annotated",
    "ArrayMode",
    "Catalog",
    "Connection",
    "ConnectionParameters",
    "ConnectionSSLMode",
    "Engine",
    "EntityFacts",
    "EnumMode",
    "Explorer",
    "FieldFacts",
    "ForeignKey",
    "ForeignKeyFacts",
    "Format",
    "GeneratorOptions",
    "Identity",
    "IntegerRange",
    "Length",
    "LoadOptions",
    "MaxLength",
    "Maximum",
    "MinLength",
    "Minimum",
    "Plan",
    "PlanOptions",
    "Precision",
    "PrimaryKey",
    "SchemaOptions",
    "SchemagenError",
    "Signed",
    "StructMode",
    "Unique",
    "connect",
    "create_script",
    "emit_source",
    "float32",
    "float64",
    "get_dialect",
    "int8",
    "int16",
    "int32",
    "int64",
    "make_plan",
    "read_schema",
    "relate",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
]


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'schemagen' has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
