"""Facts per draft: how each names itself, which keywords hold schemas, and the one canonical form that shapes read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from schemagen.jsontext import JsonType, as_object

SCHEMA_2020 = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True, slots=True)
class Draft:
    """`uri` is what `Document.draft` says, `dialect` the meta-schema that judges by it, `level` orders drafts by what they know."""

    uri: str
    dialect: str
    level: int
    openapi: bool = False

    @property
    def id_keyword(self) -> str:
        return "id" if self.level <= 4 else "$id"

    @property
    def refs_stand_alone(self) -> bool:
        """True where what stands beside `$ref` does not count."""
        return self.level <= 7


_04 = "http://json-schema.org/draft-04/schema#"
_PLAIN = (
    Draft("http://json-schema.org/draft-03/schema#", _04, 4),
    Draft(_04, _04, 4),
    Draft("http://json-schema.org/draft-06/schema#", "http://json-schema.org/draft-06/schema#", 6),
    Draft("http://json-schema.org/draft-07/schema#", "http://json-schema.org/draft-07/schema#", 7),
    Draft("https://json-schema.org/draft/2019-09/schema", "https://json-schema.org/draft/2019-09/schema", 2019),
    Draft(SCHEMA_2020, SCHEMA_2020, 2020),
)
_OPENAPI = (
    Draft("swagger-2.0", _04, 4, openapi=True),
    Draft("openapi-3.0", _04, 4, openapi=True),
    Draft("openapi-3.1", SCHEMA_2020, 2020, openapi=True),
)
DRAFTS: dict[str, Draft] = {draft.uri: draft for draft in (*_PLAIN, *_OPENAPI)}
LATEST = DRAFTS[SCHEMA_2020]
DRAFT_03 = _PLAIN[0]


def named_draft(uri: JsonType) -> Draft | None:
    """The draft that a `$schema` names, in its usual spellings (http or https, with `#` or without); None for any other."""
    if not isinstance(uri, str):
        return None
    bare = uri.strip().rstrip("#").split("://")[-1]
    return next((draft for draft in _PLAIN if draft.uri.rstrip("#").split("://")[-1] == bare), None)


def openapi_draft(value: JsonType) -> Draft | None:
    """The draft of an OpenAPI or Swagger document; None for any other value."""
    if not isinstance(value, dict):
        return None
    version = str(value.get("openapi", ""))
    if version.startswith("3.0"):
        return DRAFTS["openapi-3.0"]
    if version.startswith("3."):
        return DRAFTS["openapi-3.1"]
    return DRAFTS["swagger-2.0"] if str(value.get("swagger", "")) in ("2.0", "2") else None


# Keywords by what they hold: a schema, a list of schemas, schemas by name, or plain data.
SINGLE = frozenset({
    "additionalItems", "additionalProperties", "contains", "contentSchema", "else", "if", "items", "not", "propertyNames", "then",
    "unevaluatedItems", "unevaluatedProperties",
})  # fmt: skip
LISTS = frozenset({"allOf", "anyOf", "items", "oneOf", "prefixItems"})
NAMED = frozenset({"$defs", "definitions", "dependencies", "dependentSchemas", "patternProperties", "properties"})
DATA = frozenset({"const", "default", "enum", "example", "examples"})

# The draft that first knows a keyword, where it is not the oldest; and the last one that does.
_SINCE = {
    "const": 6, "contains": 6, "propertyNames": 6, "if": 7, "then": 7, "else": 7,
    "dependentRequired": 2019, "dependentSchemas": 2019, "minContains": 2019, "maxContains": 2019, "unevaluatedItems": 2019,
    "unevaluatedProperties": 2019, "$recursiveRef": 2019, "contentSchema": 2019, "prefixItems": 2020, "$dynamicRef": 2020,
}  # fmt: skip
_UNTIL = {"dependencies": 7, "additionalItems": 2019, "$recursiveRef": 2019}

CONSTRAINTS = frozenset({
    "type", "enum", "const", "multipleOf", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength", "minLength",
    "pattern", "format", "maxItems", "minItems", "uniqueItems", "contains", "minContains", "maxContains", "maxProperties", "minProperties",
    "required", "properties", "patternProperties", "additionalProperties", "propertyNames", "dependencies", "dependentRequired",
    "dependentSchemas", "items", "additionalItems", "prefixItems", "allOf", "anyOf", "oneOf", "not", "if", "then", "else",
    "unevaluatedItems", "unevaluatedProperties",
})  # fmt: skip


def is_known(keyword: str, draft: Draft) -> bool:
    """False for a keyword that means nothing in this draft."""
    return _SINCE.get(keyword, 0) <= draft.level <= _UNTIL.get(keyword, 9999)


def children(schema: Mapping[str, JsonType]) -> Iterator[tuple[tuple[str, ...], JsonType]]:
    """The schemas directly in a schema as it is written, each with its tokens; definitions too."""
    for keyword, held in schema.items():
        if keyword in NAMED and isinstance(held, dict):
            yield from (((keyword, name), item) for name, item in held.items() if isinstance(item, dict | bool))
        elif keyword in LISTS and isinstance(held, list):
            yield from (((keyword, str(index)), item) for index, item in enumerate(held) if isinstance(item, dict | bool))
        elif keyword in SINGLE and isinstance(held, dict | bool):
            yield (keyword,), held


def roots(value: JsonType, draft: Draft) -> Iterator[tuple[tuple[str, ...], JsonType]]:
    """The schemas that a document is there for: itself, or the components of an OpenAPI document."""
    if openapi_draft(value) is None:
        yield (), value
        return
    path = ("definitions",) if draft.uri == "swagger-2.0" else ("components", "schemas")
    for token in path:
        value = value.get(token) if isinstance(value, dict) else None
    if isinstance(value, dict):
        yield from (((*path, name), item) for name, item in value.items())


def ref_siblings(schema: Mapping[str, JsonType], draft: Draft) -> list[str]:
    """The constraints beside a `$ref` that this draft ignores."""
    if not (draft.refs_stand_alone and isinstance(schema.get("$ref"), str)):
        return []
    return sorted(keyword for keyword in schema if keyword in CONSTRAINTS and is_known(keyword, draft))


def canonical(schema: Mapping[str, JsonType] | bool, draft: Draft) -> dict[str, JsonType] | bool:
    """A schema in the words of 2020-12, one level deep; what its draft does not know is gone. `Registry.child` leads on.

    A static target of `$dynamicRef` and `$recursiveRef` is a `$ref`.
    Where a draft ignores what stands beside `$ref`, only annotations stay.
    """
    if isinstance(schema, bool):
        return schema
    alone = draft.refs_stand_alone and isinstance(schema.get("$ref"), str)
    found: dict[str, Any] = {}
    for keyword, held in schema.items():
        if alone and keyword in CONSTRAINTS:
            continue
        if is_known(keyword, draft):
            found.update(_renamed(keyword, held, schema, draft))
    return found


def _renamed(keyword: str, held: JsonType, schema: Mapping[str, JsonType], draft: Draft) -> dict[str, JsonType]:
    match keyword:
        case "id" if draft.id_keyword == "id":
            return {"$id": held}
        case "definitions":
            return {"$defs": {**held, **as_object(schema.get("$defs"))}} if isinstance(held, dict) else {}
        case "$defs" if "definitions" in schema:
            return {}
        case "items" if isinstance(held, list):
            return {"prefixItems": held}
        case "additionalItems":
            return {"items": held} if isinstance(schema.get("items"), list) else {}
        case "exclusiveMinimum" | "exclusiveMaximum" if isinstance(held, bool):
            limit = schema.get(_inclusive(keyword))
            return {keyword: limit} if held and limit is not None else {}
        case "minimum" | "maximum" if schema.get(f"exclusive{keyword.capitalize()}") is True and draft.level <= 4:
            return {}
        case "dependencies" if isinstance(held, dict):
            return dict(split_dependencies(held))
        case "$dynamicRef" | "$recursiveRef":
            return {} if "$ref" in schema else {"$ref": held}
        case "example" if draft.openapi:
            return {"examples": [held]}
        case _:
            return {keyword: held}


def _inclusive(keyword: str) -> str:
    return keyword.removeprefix("exclusive").lower()


def split_dependencies(held: Mapping[str, JsonType]) -> dict[str, dict[str, JsonType]]:
    """`dependencies` as dependentRequired and dependentSchemas; an empty one is left out."""
    found: dict[str, dict[str, JsonType]] = {"dependentRequired": {}, "dependentSchemas": {}}
    for name, item in held.items():
        found["dependentRequired" if isinstance(item, list) else "dependentSchemas"][name] = item
    return {keyword: members for keyword, members in found.items() if members}


def original_tokens(schema: Mapping[str, JsonType], keyword: str, argument: str | None, draft: Draft) -> tuple[str, ...]:
    """Where a canonical keyword (and the name or number in it) stands in the schema as written."""
    rest = () if argument is None else (argument,)
    match keyword:
        case "$defs":
            held = schema.get("$defs")
            return ("$defs" if isinstance(held, dict) and argument in held else "definitions", *rest)
        case "prefixItems" if isinstance(schema.get("items"), list):
            return ("items", *rest)
        case "items" if isinstance(schema.get("items"), list) and draft.level <= 2019:
            return ("additionalItems",)
        case "dependentSchemas" if is_known("dependencies", draft):
            return ("dependencies", *rest)
        case _:
            return (keyword, *rest)


def takes_argument(keyword: str, schema: Mapping[str, JsonType]) -> bool:
    """True for a canonical keyword that holds several schemas, by name or by number."""
    return keyword in NAMED or (keyword in LISTS and keyword != "items")
