"""Mending: older and broken spellings become what they mean, for validators and shapes alike, each noted once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from schemagen.document.drafts import DATA, DRAFT_03, DRAFTS, LATEST, NAMED, Draft, children, named_draft, openapi_draft, split_dependencies
from schemagen.jsontext import JsonType, as_object, pointer_of

Path = tuple[str, ...]
# (path of the schema, what was read as what)
Notes = list[tuple[Path, str]]


def mend(value: JsonType, default: Draft | None = None) -> tuple[JsonType, Draft, Notes]:
    """The value mended in place, its draft, and notes. `default` is the draft of what referred to it; without one, 2020-12.

    Without `$schema` and `default`, older spellings are read where 2020-12 gives them no meaning.
    """
    notes: Notes = []
    stated = value.get("$schema") if isinstance(value, dict) else None
    draft = openapi_draft(value) or named_draft(stated)
    if stated is not None and draft is None:
        notes.append(((), f"$schema {stated!r} is not known and ignored"))
        del as_object(value)["$schema"]
    older = draft is None and default is None
    draft = draft or default or LATEST
    if draft.openapi:
        _mend_openapi(value, draft)
        return value, draft, notes
    if named_draft(stated) is not None:
        as_object(value)["$schema"] = draft.dialect
    rules: list[Callable[[dict[str, Any]], str]] = [_any_type, _required_switch]
    rules += [_draft_03] if draft is DRAFT_03 else []
    rules += [_tuple_items, _switch_bounds, _dependencies, _identity] if older else []
    _apply(rules, value, (), notes)
    return value, DRAFTS[DRAFT_03.dialect] if draft is DRAFT_03 else draft, notes


def _apply(rules: list[Callable[[dict[str, Any]], str]], schema: JsonType, path: Path, notes: Notes) -> None:
    if not isinstance(schema, dict):
        return
    notes += [(path, note) for rule in rules if (note := rule(schema))]
    for tokens, child in children(schema):
        _apply(rules, child, (*path, *tokens), notes)


def _any_type(schema: dict[str, Any]) -> str:
    kind = schema.get("type")
    if kind != "any" and not (isinstance(kind, list) and "any" in kind):
        return ""
    del schema["type"]
    return 'type "any" is read as no type'


def _required_switch(schema: dict[str, Any]) -> str:
    """`required: true` in a property, as draft-03 had it, becomes an entry of the object's list."""
    properties = schema.get("properties")
    names = [
        name
        for name, item in (properties.items() if isinstance(properties, dict) else ())
        if isinstance(item, dict) and isinstance(item.get("required"), bool) and item.pop("required")
    ]
    alone = isinstance(schema.get("required"), bool)
    if alone:
        del schema["required"]
    if names:
        listed = schema.get("required")
        listed = listed if isinstance(listed, list) else []
        schema["required"] = [*listed, *(name for name in names if name not in listed)]
    return "required: true is read as an entry of the object's list" if names or alone else ""


def _draft_03(schema: dict[str, Any]) -> str:
    changed = False
    for name in ("extends", "disallow", "divisibleBy"):
        if name not in schema:
            continue
        held, changed = schema.pop(name), True
        if name == "divisibleBy":
            schema["multipleOf"] = held
        elif name == "extends":
            schema["allOf"] = [*schema.get("allOf", []), *(held if isinstance(held, list) else [held])]
        else:
            schema["not"] = _of_types(held)
    if schema.get("items") == []:
        # Draft-04 wants one item at least.
        schema["items"], changed = schema.pop("additionalItems", {}), True
    kind = schema.get("type")
    if isinstance(kind, list) and any(isinstance(item, dict) for item in kind):
        del schema["type"]
        schema["anyOf"], changed = _of_types(kind)["anyOf"], True
    dependencies = schema.get("dependencies")
    if isinstance(dependencies, dict) and any(isinstance(item, str) for item in dependencies.values()):
        schema["dependencies"] = {name: [item] if isinstance(item, str) else item for name, item in dependencies.items()}
        changed = True
    return "a spelling of draft-03 is read as draft-04 has it" if changed else ""


def _of_types(held: JsonType) -> dict[str, Any]:
    kinds = held if isinstance(held, list) else [held]
    return {"anyOf": [item if isinstance(item, dict) else {} if item == "any" else {"type": item} for item in kinds]}


def _tuple_items(schema: dict[str, Any]) -> str:
    if not isinstance(schema.get("items"), list) or "prefixItems" in schema:
        return ""
    schema["prefixItems"] = schema.pop("items")
    if "additionalItems" in schema:
        schema["items"] = schema.pop("additionalItems")
    return "a list of items is read as prefixItems"


def _switch_bounds(schema: dict[str, Any]) -> str:
    changed = False
    for exclusive, inclusive in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if not isinstance(schema.get(exclusive), bool):
            continue
        changed = True
        if schema.pop(exclusive) and inclusive in schema:
            schema[exclusive] = schema.pop(inclusive)
    return "exclusiveMinimum or exclusiveMaximum as a switch is read as a number" if changed else ""


def _dependencies(schema: dict[str, Any]) -> str:
    held = schema.get("dependencies")
    if not isinstance(held, dict):
        return ""
    del schema["dependencies"]
    for name, item in split_dependencies(held).items():
        schema[name] = {**item, **as_object(schema.get(name))}
    return "dependencies is read as dependentRequired and dependentSchemas"


def _identity(schema: dict[str, Any]) -> str:
    held = schema.get("id")
    if not isinstance(held, str) or "$id" in schema or not (held.startswith("#") or "://" in held or held.endswith(".json")):
        return ""
    del schema["id"]
    if held.startswith("#"):
        schema["$anchor"] = held[1:]
    else:
        schema["$id"] = held
    return "id is read as $id"


def _mend_openapi(value: JsonType, draft: Draft, *, names: bool = False) -> None:
    """`nullable` as a type, wherever a schema may stand; `required: []`, which draft-04 refuses, as absent."""
    if isinstance(value, list):
        for item in value:
            _mend_openapi(item, draft)
    if not isinstance(value, dict):
        return
    if not names and draft.level <= 4:
        _nullable(value)
        if value.get("required") == []:
            del value["required"]
    for keyword, held in value.items():
        if names or keyword not in DATA:
            _mend_openapi(held, draft, names=not names and keyword in NAMED)


def _nullable(schema: dict[str, Any]) -> None:
    kind = schema.get("type")
    if isinstance(kind, str) and True in (schema.get("nullable"), schema.get("x-nullable")):
        schema["type"] = [kind, "null"]


def places(notes: Notes) -> list[tuple[str, str]]:
    """Notes with JSON pointers."""
    return [(pointer_of(*path), note) for path, note in notes]
