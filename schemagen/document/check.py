"""Whether a document is a schema: judged by the meta-schema of its draft, formats not asserted."""

from __future__ import annotations

import jsonschema_rs

from schemagen.document.drafts import Draft, roots
from schemagen.errors import Location, Problem, SchemagenError
from schemagen.jsontext import JsonType, pointer_of

_KINDS = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}


def kind_of(value: JsonType) -> str:
    """What a JSON value is, for an error."""
    return _KINDS.get(type(value), "a number")


def check_schemas(value: JsonType, draft: Draft, source: str) -> None:
    """Raises BAD_DOCUMENT where the document, or a schema of an OpenAPI document, is none by its meta-schema."""
    problems: list[Problem] = []
    for tokens, schema in roots(value, draft):
        place = Location(source, pointer_of(*tokens))
        if not isinstance(schema, dict) and not (isinstance(schema, bool) and draft.level > 4):
            expected = "an object" if draft.level <= 4 else "an object, true or false"
            problems.append(Problem("BAD_DOCUMENT", place, f"is no JSON Schema: expected {expected}, got {kind_of(schema)}"))
            continue
        judged = {**schema, "$schema": draft.dialect} if isinstance(schema, dict) else schema
        # The fast judge first: jsonschema takes 17 ms a document on average, and the square of a long enum of objects.
        if not jsonschema_rs.meta.is_valid(judged):
            problems += _explain(judged, draft, source, tokens)
    if problems:
        first, *more = problems
        raise SchemagenError(first.kind, first.place, first.sentence, more)


def _explain(schema: JsonType, draft: Draft, source: str, tokens: tuple[str, ...]) -> list[Problem]:
    """What `jsonschema` finds wrong, the most telling first; nothing where it finds nothing."""
    from jsonschema.exceptions import best_match, relevance
    from jsonschema.validators import validator_for
    from jsonschema_specifications import REGISTRY

    judge = validator_for({"$schema": draft.dialect})
    errors = sorted(judge(judge.META_SCHEMA, registry=REGISTRY).iter_errors(schema), key=relevance, reverse=True)
    problems = []
    for error in errors:
        best = best_match([error])
        pointer = pointer_of(*tokens, *(str(part) for part in best.absolute_path))
        name = draft.uri.rstrip("#").removesuffix("/schema").rpartition("/")[2] if not draft.openapi else draft.uri
        problems.append(Problem("BAD_DOCUMENT", Location(source, pointer), f"is no JSON Schema of {name}: {best.message[:200]}"))
    return problems
