"""Schemas and records that try the loader: the texts of records, valid and not, spelled in every way that changes what a decoder does."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

NUMBERS = (
    "0",
    "-0",
    "1",
    "3",
    "7",
    "-1",
    "1.0",
    "1e2",
    "1E+2",
    "100",
    "1.5",
    "2.50",
    "0.1",
    "99.99",
    "99.995",
    "0.30000000000000004",
    "0.1000000000000000055",
    "12345678901234567890.5",
    "2147483648",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551616",
    "1e400",
    "1e-400",
    "1e-310",
    "5e-324",
    "1e1001",
    "1e-1001",
    "1" * 40,
    "1" * 1001,
    "NaN",
    "-Infinity",
    "01",
    "1.",
    "-",
)
TEXTS = (
    "",
    "a",
    "abc",
    "active",
    "deleted",
    "aaaaaaaaab",
    "é😀",
    "a\\\\b",
    'q\\"',
    "\\u0000",
    "x\\u0000y",
    "\\ud800",
    "\\ud83d\\ude00",
    "\\\\ud800",
    "\\x",
    "2024-05-01T12:00:00Z",
    "2024-05-01T12:00:00.123456789+02:00",
    "2024-05-01t12:00:00.5z",
    "2024-05-01 12:00:00Z",
    "2024-05-01T12:00:00",
    "2024-02-30T00:00:00Z",
    "2024-01-01T24:00:00Z",
    "2024-12-31T23:59:60Z",
    "0001-01-01T00:00:00+02:00",
    "9999-12-31T23:59:59-02:00",
    "0000-01-01T00:00:00Z",
    "10000-01-01T00:00:00Z",
    "2024-05-01",
    "2024-02-30",
    "0000-01-01",
    "March 1st, 2020",
    "550e8400-e29b-41d4-a716-446655440000",
    "550E8400-E29B-41D4-A716-44665544000F",
    "{550e8400-e29b-41d4-a716-446655440000}",
    "192.168.0.1",
    "192.168.000.1",
    "::1",
    "::0001",
    "aGk=",
    "aGk",
    "x" * 300,
)
OTHERS = (
    "null",
    "true",
    "false",
    "{}",
    "[]",
    "[1]",
    '["a","b"]',
    "[null]",
    "[1.0]",
    "[0.1, 0.30000000000000004]",
    '{"a": 1}',
    '{"a" : [1, {"b": 1e400}]}',
    "[1e1001]",
    '["\\ud800"]',
    '{"\\u0000": 1}',
    "[" * 150 + "]" * 150,
    "[" * 250 + "]" * 250,
    '{"a":1, "a":2}',
    '{"deep": {"er": [true, "é"]}}',
    "[1,]",
)
VALUES = st.one_of(
    st.sampled_from(NUMBERS),
    st.sampled_from(TEXTS).map(lambda text: f'"{text}"'),
    st.sampled_from(OTHERS),
)

_SCALARS: dict[str, Any] = {
    "id": {"type": "integer"},
    "small": {"type": "integer", "minimum": 1, "exclusiveMaximum": 100},
    "tiny": {"type": "integer", "format": "int16"},
    "wide": {"type": "integer", "minimum": 0, "maximum": 18446744073709551615},
    "score": {"type": "number"},
    "ratio": {"type": "number", "minimum": 0.1, "exclusiveMaximum": 1.5},
    "price": {"type": "number", "multipleOf": 0.01, "minimum": 0, "maximum": 9999},
    "text": {"type": "string"},
    "short": {"type": "string", "minLength": 1, "maxLength": 3},
    "state": {"enum": ["active", "deleted"]},
    "kind": {"const": "abc"},
    "level": {"enum": [1, 3, 7]},
    "flag": {"type": "boolean"},
    "at": {"type": "string", "format": "date-time"},
    "day": {"type": "string", "format": "date"},
    "uuid": {"type": "string", "format": "uuid"},
    "address": {"type": "string", "format": "ipv4"},
    "matched": {"type": "string", "pattern": "^a+b$"},
    "list": {"type": "array", "items": {"type": "string"}},
    "numbers": {"type": "array", "items": {"type": "number"}, "maxItems": 3},
    "days": {"type": "array", "items": {"type": "string", "format": "date"}},
    "nested": {"type": "object", "properties": {"a": {"type": "integer"}}},
    "any": {},
    "mixed": {"type": ["string", "integer"]},
}


def _nullable(schema: Any) -> Any:
    if "type" in schema:
        kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        return {**schema, "type": [*kinds, "null"]}
    return {"enum": [*schema["enum"], None]} if "enum" in schema else schema


@st.composite
def schemas(draw: st.DrawFn) -> dict[str, Any]:
    """Object schemas of some of the properties, open or closed, with keywords across properties now and then."""
    names = draw(st.lists(st.sampled_from(sorted(_SCALARS)), min_size=1, max_size=7, unique=True))
    properties = {name: _nullable(_SCALARS[name]) if draw(st.booleans()) else _SCALARS[name] for name in names}
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    schema["required"] = [name for name in names if draw(st.booleans())]
    closed = draw(st.sampled_from([None, False, False, {"type": "integer"}]))
    if closed is not None:
        schema["additionalProperties"] = closed
    more = draw(st.sampled_from(["", "", "", "minProperties", "if", "dependentRequired", "patternProperties", "no type", "ref"]))
    match more:
        case "minProperties":
            schema["minProperties"] = 2
        case "if":
            schema |= {"if": {"required": [names[0]]}, "then": {"required": [names[-1]]}}
        case "dependentRequired":
            schema["dependentRequired"] = {names[0]: [names[-1]]}
        case "patternProperties":
            schema["patternProperties"] = {"^s": {"not": {"const": "abc"}}}
        case "no type":
            del schema["type"]
        case "ref":
            schema = {"$ref": "#/$defs/It", "$defs": {"It": schema}}
    return {"title": "record", **schema}


_GOOD = {
    "id": ("1", "7"),
    "small": ("1", "3"),
    "tiny": ("1", "7"),
    "wide": ("1", "9223372036854775808"),
    "score": ("1.5", "1", "0.30000000000000004"),
    "ratio": ("0.1", "1"),
    "price": ("99.99", "1.5", "7"),
    "text": ('"a"', '"é😀"'),
    "short": ('"a"', '"abc"'),
    "state": ('"active"',),
    "kind": ('"abc"',),
    "level": ("1", "7"),
    "flag": ("true", "false"),
    "at": ('"2024-05-01T12:00:00Z"', '"2024-05-01T12:00:00.123456789+02:00"'),
    "day": ('"2024-05-01"',),
    "uuid": ('"550e8400-e29b-41d4-a716-446655440000"', '"550E8400-E29B-41D4-A716-44665544000F"'),
    "address": ('"192.168.0.1"',),
    "matched": ('"aaaaaaaaab"',),
    "list": ('["a","b"]', "[]"),
    "numbers": ("[0.1, 0.30000000000000004]", "[1]"),
    "days": ('["2024-05-01"]', "[]"),
    "nested": ('{"a": 1}', "{}"),
    "any": ('{"deep": {"er": [true, "é"]}}', "1"),
    "mixed": ('"a"', "7"),
}


@st.composite
def records(draw: st.DrawFn, schema: dict[str, Any]) -> bytes:
    """The text of a record, mostly one that the schema takes."""
    if draw(st.integers(0, 30)) == 0:
        return draw(
            st.sampled_from(
                [b"{", b'{"id":1}{"id":2}', b"[1]", b"7", b'"\xff"', b'{"id": "\xff"}', b"null", b'{"id":1} x', b"\xef\xbb\xbf{}"]
            )
        )
    source = schema.get("$defs", {}).get("It", schema)
    chance = draw(st.sampled_from([0, 1, 1, 3]))
    parts = []
    for name in source["properties"]:
        if name in source["required"] or draw(st.integers(0, 3)):
            odd = draw(st.integers(0, 9)) < chance
            parts.append(f'"{name}":{draw(st.sampled_from(["", " "]))}{draw(VALUES) if odd else draw(st.sampled_from(_GOOD[name]))}')
    if draw(st.integers(0, 4)) == 0:
        parts.append(f'"{draw(st.sampled_from(["other", "id", "", "x-y"]))}":{draw(VALUES)}')
    if draw(st.integers(0, 9)) == 0:
        parts.reverse()
    return ("{" + ", ".join(parts) + "}").encode()
