"""Validators of records: jsonschema-rs over the documents of a registry, without network, with bounded patterns and bounded work."""

from __future__ import annotations

from typing import Any

import jsonschema_rs

from schemagen.document.drafts import children
from schemagen.document.node import Document
from schemagen.document.registry import Registry, Target
from schemagen.document.rewrite import absolute, resources_from
from schemagen.document.uris import MEMORY
from schemagen.errors import Location, SchemagenError
from schemagen.jsontext import JsonType, pointer_of

# 1,000,000 steps, the library's own limit, cost 15 ms a string; these cost 0.2 ms.
BACKTRACK_LIMIT = 10_000
# Schemas applied to one value in one place: a million take 20 ms, thirty definitions that each use the next twice 19 s.
MAX_APPLIED = 1_000_000

_IN_PLACE = frozenset({"allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas", "dependencies"})


def validator_for(document: Document, pointer: str, *, formats: bool = False) -> jsonschema_rs.Validator:
    """The validator of the schema at a JSON pointer of a document, by its own draft; `formats`: they are asserted.

    A pattern that passes the limit counts as a mismatch; its error's kind is `BacktrackLimitExceeded`.
    Raises BAD_REF; BAD_DOCUMENT for a pattern that is no regular expression; SCHEMA_TOO_LARGE for exponential combinations.
    """
    registry = document.registry
    node = registry.node(document, pointer)
    start = Target(document, node.pointer)
    resources = resources_from(registry, [start])
    _check_work(registry, start)
    # A whole document goes in as it is: for $recursiveRef a schema around it would be one more scope.
    uri = absolute(registry, start)
    schema: Any = {"$schema": registry.draft_of(start).dialect, "$ref": uri} if start.pointer else dict(resources)[uri]
    try:
        return jsonschema_rs.validator_for(
            schema,
            registry=jsonschema_rs.Registry(resources),
            base_uri=f"{MEMORY}validator" if start.pointer else uri,
            offline=True,
            validate_formats=formats,
            pattern_options=jsonschema_rs.FancyRegexOptions(backtrack_limit=BACKTRACK_LIMIT),
        )
    except ValueError as error:
        raise SchemagenError("BAD_DOCUMENT", node.location, f"cannot judge records: {str(error).splitlines()[0]}") from error


def _check_work(registry: Registry, start: Target) -> None:
    """Raises SCHEMA_TOO_LARGE where more than MAX_APPLIED schemas judge one value, as when each definition uses the next twice."""
    applied: dict[tuple[str, str], int] = {}
    open_: set[tuple[str, str]] = set()
    inner: list[Target] = []
    roots = [start]
    while roots:
        stack = [roots.pop()]
        while stack:
            target = stack[-1]
            key = (target.document.uri, target.pointer)
            if key in applied:
                stack.pop()
                continue
            in_place, inner = _applied(registry, target)
            if key not in open_:
                open_.add(key)
                roots.extend(inner)
                stack.extend(item for item in in_place if (item.document.uri, item.pointer) not in open_)
                continue
            # A cycle counts once: it ends, because validators remember where they are.
            count = 1 + sum(applied.get((item.document.uri, item.pointer), 1) for item in in_place)
            if count > MAX_APPLIED:
                place = Location(target.document.source, target.pointer)
                raise SchemagenError("SCHEMA_TOO_LARGE", place, f"judges each value by more than {MAX_APPLIED:,} schemas")
            applied[key] = count
            stack.pop()


def _applied(registry: Registry, target: Target) -> tuple[list[Target], list[Target]]:
    """The schemas that a schema applies to the same value (each as often as it does), and those for the values inside it."""
    schema: JsonType = registry.value_at(target.document, target.pointer)
    if not isinstance(schema, dict):
        return [], []
    same: list[Target] = []
    inside: list[Target] = []
    reference = schema.get("$ref")
    if isinstance(reference, str):
        found = registry.resolve(target.document, target.pointer, reference)
        same += [found] if found is not None else []
        if registry.draft_of(target).refs_stand_alone:
            return same, inside
    for tokens, _ in children(schema):
        if tokens[0] not in ("$defs", "definitions"):
            (same if tokens[0] in _IN_PLACE else inside).append(Target(target.document, target.pointer + pointer_of(*tokens)))
    return same, inside
