"""Schemas compiled from plain values, and shapes and models as short text for case files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from schemagen.document.read import document_from_value
from schemagen.jsontext import JsonType
from schemagen.options import Options, SchemaOptions, apply_option
from schemagen.shape.compile import Compiled, compile_model
from schemagen.shape.defaults import fits
from schemagen.shape.extent import Texts, Word
from schemagen.shape.types import Anything, ClassRef, ClassShape, EnumRef, Field, ListOf, MapOf, Model, Shape, UnionOf


def compile_value(schema: JsonType, options: SchemaOptions | None = None, source: str = "thing.json") -> Compiled:
    options = options or SchemaOptions()
    return compile_model([document_from_value(schema, source, options)], options)


def schema_options(given: dict[str, Any]) -> SchemaOptions:
    """Options as the command line takes them: `{"key": ["id"], "set": ...}`."""
    options = Options()
    for name, texts in given.items():
        options = apply_option(options, name, texts if isinstance(texts, list) else [texts], "case")
    return options.schema


def show(shape: Shape) -> str:
    """A shape as the call that makes it, defaults left out."""
    match shape:
        case ListOf(item, nullable):
            return f"[{show(item)}{' | null' if nullable else ''}]"
        case MapOf(value, nullable):
            return f"{{{show(value)}{' | null' if nullable else ''}}}"
        case UnionOf(options):
            return " | ".join(map(show, options))
        case ClassRef(name):
            return name
        case EnumRef(name, is_open):
            return f"enum {name}{' | Str' if is_open else ''}"
    stated = [f"{item.name}={getattr(shape, item.name)!r}" for item in fields(shape) if getattr(shape, item.name) != item.default]
    return f"{type(shape).__name__}({', '.join(stated)})" if stated else type(shape).__name__


def show_field(field: Field) -> str:
    marks = [mark for mark in ("required", "nullable", "not_null", "identity", "unique", "deprecated", "read_only", "write_only")
             if getattr(field, mark)]  # fmt: skip
    text = f"{field.name}: {show(field.shape)}"
    if field.json_name != field.name:
        text += f" json={field.json_name!r}"
    if field.column != field.json_name:
        text += f" column={field.column!r}"
    if type(field.default).__name__ != "Missing":
        text += f" default={field.default!r}"
    if field.foreign_key is not None:
        text += f" fk={field.foreign_key.entity}({','.join(field.foreign_key.target)})"
    if field.doc is not None:
        text += f" doc={field.doc!r}"
    return " ".join([text, *marks])


def show_class(item: ClassShape) -> list[str]:
    head = f"{'entity' if item.entity else 'class'} {item.name}{' open' if item.open else ''}"
    if item.entity:
        facts = item.entity
        head += f" table={facts.table} pointer={facts.pointer}"
        head += f" key={','.join(facts.key)}" if facts.key else ""
        head += "".join(f" unique={','.join(names)}" for names in facts.unique)
        head += "".join(f" fk={','.join(key.fields)}->{key.entity}({','.join(key.target)})" for key in facts.foreign_keys)
        head += f" origin={facts.origin}" if facts.origin else ""
        head += " admits_other" if facts.admits_other else ""
    head += f" doc={item.doc!r}" if item.doc else ""
    return [head, *(f"  {show_field(field)}" for field in item.fields)]


def show_model(model: Model) -> list[str]:
    lines = [line for item in model.classes for line in show_class(item)]
    for enum in model.enums:
        members = [f"{item.name}={item.value!r}{f' ({item.doc})' if item.doc else ''}" for item in enum.members]
        lines.append(f"enum {enum.name}: {', '.join(members)}{f' doc={enum.doc!r}' if enum.doc else ''}")
    return lines


def show_diagnostics(compiled: Compiled) -> list[str]:
    return [f"{item.code} #{item.place.pointer}{f' ({item.detail})' if item.detail else ''}" for item in compiled.diagnostics]


def misfits(value: JsonType, shape: Shape, model: Model, nullable: bool = False) -> Iterator[str]:
    """Why a value is none of the shape, deeply. What an open class types only in some branches may stand in `_extra`."""
    if isinstance(shape, Anything) or (value is None and nullable):
        return
    match shape:
        case ClassRef(name):
            yield from record_misfits(value, model.named_class(name), model)
        case ListOf(item, item_nullable) if isinstance(value, list):
            for each in value:
                yield from misfits(each, item, model, item_nullable)
        case MapOf(item, item_nullable) if isinstance(value, dict):
            for each in value.values():
                yield from misfits(each, item, model, item_nullable)
        case UnionOf(options):
            if all(next(misfits(value, option, model), None) for option in options):
                yield f"{value!r} is none of {show(shape)}"
        case _:
            enums = {item.name: Texts(tuple(Word(str(member.value)) for member in item.members)) for item in model.enums}
            if not fits(value, shape, enums):
                yield f"{value!r} is no {show(shape)}"


def record_misfits(value: JsonType, item: ClassShape, model: Model) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{value!r} is no {item.name}"
        return
    known = {field.json_name: field for field in item.fields}
    yield from (f"{name} is not there" for name, field in known.items() if field.required and name not in value)
    yield from (f"{name} is not declared" for name in value if name not in known and not item.open)
    for name, each in value.items():
        field = known.get(name)
        if field is not None and (field.required or not item.open):
            yield from misfits(each, field.shape, model, field.nullable)
