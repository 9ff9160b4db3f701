"""Records survive every way of storing them, on real servers, from every format."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from schemagen.catalog.batch import Counts
from schemagen.options import ArrayMode, EnumMode, GeneratorOptions, StructMode
from tests.load.place import Place
from tests.oracles.reference_loader import canonical, parse

SCHEMA: dict[str, Any] = {
    "title": "thing",
    "type": "object",
    "required": ["id", "state"],
    "properties": {
        "id": {"type": "integer"},
        "state": {"enum": ["active", 'it\'s "quoted"', "é😀"]},
        "maybe": {"enum": ["a", None]},
        "flag": {"type": ["boolean", "null"]},
        "small": {"type": "integer", "format": "int16"},
        "wide": {"type": "integer", "minimum": 0, "maximum": 18446744073709551615},
        "wider": {"type": "integer", "minimum": 0, "maximum": 10**30},
        "x": {"type": "number"},
        "price": {"type": "number", "multipleOf": 0.01, "minimum": -10000, "maximum": 10000},
        "free": {"type": "number", "multipleOf": 0.001},
        "decimal": {"type": "string", "format": "decimal"},
        "text": {"type": "string"},
        "short": {"type": "string", "maxLength": 5},
        "at": {"type": "string", "format": "date-time"},
        "day": {"type": "string", "format": "date"},
        "clock": {"type": "string", "format": "time"},
        "uuid": {"type": "string", "format": "uuid"},
        "ip": {"type": "string", "format": "ipv4"},
        "ip6": {"type": "string", "format": "ipv6"},
        "texts": {"type": "array", "items": {"type": "string"}},
        "ints": {"type": "array", "items": {"type": "integer"}},
        "numbers": {"type": "array", "items": {"type": "number"}},
        "flags": {"type": "array", "items": {"type": "boolean"}},
        "days": {"type": "array", "items": {"type": "string", "format": "date"}},
        "times": {"type": "array", "items": {"type": "string", "format": "date-time"}},
        "uuids": {"type": "array", "items": {"type": "string", "format": "uuid"}},
        "prices": {"type": "array", "items": {"type": "number", "multipleOf": 0.01, "maximum": 100, "minimum": 0}},
        "states": {"type": "array", "items": {"enum": ["a", "b"]}},
        "address": {
            "type": "object",
            "required": ["street"],
            "additionalProperties": False,
            "properties": {
                "street": {"type": "string"},
                "number": {"type": ["integer", "null"]},
                "since": {"type": "string", "format": "date"},
                "tags": {"type": "array", "items": {"type": "string"}},
                "inner": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {"p": {"type": "number", "multipleOf": 0.1, "maximum": 10, "minimum": 0}},
                },
            },
        },
        "lines": {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "integer"}}}},
        "map": {"type": "object", "additionalProperties": {"type": "integer"}},
        "any": {},
        "full-name": {"type": "string"},
        "class": {"type": "string"},
    },
}
VALUES: dict[str, list[Any]] = {
    "state": ["active", 'it\'s "quoted"', "é😀"],
    "maybe": ["a", None],
    "flag": [True, False, None],
    "small": [0, -32768, 32767, 40000],
    "wide": [0, 18446744073709551615],
    "wider": [0, 10**30],
    "x": [0, -1.5, 1e300, 123456789012345680, 0.1],
    "price": [0, 1.5, -99.99, 10000],
    "free": [0, 1234567.125, -0.001],
    "decimal": ["1.50", "0", "-12345678901234567890.123", "1e5", "x"],
    "text": ["", " ", "Árvíztűrő tükörfúrógép 你好 😀", "tab\tnew\nline\r\\back\\slash \"q\" 'q' \\N \\t", "NULL", "\u2028\x7f"],
    "short": ["", "ééééé", "😀😀😀😀😀"],
    "at": ["2024-05-01T12:00:00Z", "0001-01-01T00:00:00.5Z", "9999-12-31T23:59:59Z", "1883-11-18T12:00:00.1+05:30", "soon"],
    "day": ["2024-02-29", "0001-01-02", "9999-12-30", "2023-02-29"],
    "clock": ["12:00:00Z", "23:59:60Z"],
    "uuid": ["550e8400-e29b-41d4-a716-446655440000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "{}"],
    "ip": ["192.168.0.1", "010.0.0.1"],
    "ip6": ["::1", "2001:db8::1", "2001:DB8::1"],
    "texts": [[], ["a", "", "NULL", "{x}", 'q"\\,'], ["é😀"]],
    "ints": [[], [1, -9223372036854775808], [9223372036854775808]],
    "numbers": [[], [1, 0.1], [1e300]],
    "flags": [[], [True, False]],
    "days": [[], ["2024-02-29"], ["x"]],
    "times": [[], ["2024-05-01T12:00:00+02:00", "2024-05-01T12:00:00.5Z"], ["x"]],
    "uuids": [[], ["550e8400-e29b-41d4-a716-446655440000"], ["x"]],
    "prices": [[], [1.5, 0.01]],
    "states": [[], ["a", "b"]],
    "address": [
        {"street": "x"},
        {"street": "", "number": 5, "since": "2024-01-01", "tags": ["a"], "inner": {"p": 1.5}},
        {"street": "y", "number": None},
        {"street": "z", "since": "soon"},
    ],
    "lines": [[], [{"a": 1, "b": [None]}, {}]],
    "map": [{}, {"k": 1, "": 2}],
    "any": [None, 1, "1", [], {"deep": [{"er": 1.50}]}, 12345678901234567890123],
    "full-name": ["x"],
    "class": ["y"],
    "other": [None, {"a": 1}],
}


def records() -> list[dict[str, Any]]:
    """Records that together have every value of VALUES, and one with the required properties only."""
    most = max(map(len, VALUES.values()))
    made = [{"id": number, **{name: values[number % len(values)] for name, values in VALUES.items()}} for number in range(most)]
    return [*made, {"id": 99, "state": "active"}]


MODES = [
    pytest.param(GeneratorOptions(), id="default"),
    pytest.param(GeneratorOptions(enum_mode=EnumMode.TYPE), id="enum-type"),
    pytest.param(GeneratorOptions(enum_mode=EnumMode.RELATION), id="enum-relation"),
    pytest.param(GeneratorOptions(array_mode=ArrayMode.JSON), id="array-json"),
    pytest.param(GeneratorOptions(struct_mode=StructMode.TYPE), id="struct-type"),
    pytest.param(GeneratorOptions(timestamp="naive-utc"), id="naive-utc"),
]


@pytest.mark.parametrize("generator", MODES)
async def test_records_come_back_equal_in_every_mode(place: Place, generator: GeneratorOptions, tmp_path: Path) -> None:
    if generator.struct_mode is StructMode.TYPE and place.name != "postgresql":
        pytest.skip("composite types are PostgreSQL's")
    job = await place.job(SCHEMA, ("id",), generator=generator)
    data = tmp_path / "in.jsonl"
    data.write_text("".join(f"{json.dumps(item)}\n" for item in records()))
    report = await place.load(job, data, rejects=str(tmp_path / "bad.jsonl"))
    assert (tmp_path / "bad.jsonl").read_text() == ""
    assert report.counts == Counts(len(records()), inserted=len(records()))
    expected = [canonical(parse(json.dumps(item).encode()), SCHEMA) for item in records()]
    assert [canonical(item, SCHEMA) for item in await place.dump(job)] == expected
    again = await place.load(job, data, rejects=str(tmp_path / "bad.jsonl"))
    assert again.counts == Counts(len(records()), unchanged=len(records()))


async def test_ends_of_time_are_times(place: Place, tmp_path: Path) -> None:
    moment, day = {"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}
    # Lists of times go another way to PostgreSQL than columns of scalars.
    schema = {"title": "thing", "type": "object", "properties": {"at": moment, "day": day, "times": {"type": "array", "items": moment}}}
    items = [
        {"at": at, "day": at[:10], "times": times} for at in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z") for times in ([], [at])
    ]
    job = await place.job(schema)
    data = tmp_path / "in.jsonl"
    data.write_text("".join(f"{json.dumps(item)}\n" for item in items))
    await place.load(job, data)
    assert await place.dump(job) == items


TEXTS = {
    "title": "thing",
    "type": "object",
    "properties": {"id": {"type": "integer"}, "a": {"type": "string"}, "b": {"type": ["string", "null"]}, "j": {}},
    "required": ["id", "a"],
}


def as_csv(value: Any) -> str:
    return "\\N" if value is None else '"' + value.replace('"', '""') + '"'


def as_tsv(value: Any) -> str:
    if value is None:
        return "\\N"
    return value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


async def test_text_survives_every_format(place: Place, tmp_path: Path) -> None:
    texts = [*VALUES["text"], *(chr(code) for code in range(1, 256)), "\U0001f469\u200d\U0001f4bb", "e\u0301", "\u202eabc"]
    items = [{"id": number, "a": text, "b": None if number % 3 == 0 else text, "j": text} for number, text in enumerate(texts)]
    files = {
        "a.jsonl": "".join(f"{json.dumps(item, ensure_ascii=item['id'] % 2 == 0)}\n" for item in items),
        "a.json": json.dumps(items, indent=2, ensure_ascii=False),
        "a.csv": "id,a,b,j\n" + "".join(f"{i['id']},{as_csv(i['a'])},{as_csv(i['b'])},{as_csv(json.dumps(i['j']))}\n" for i in items),
        "a.tsv": "id\ta\tb\tj\n" + "".join(f"{i['id']}\t{as_tsv(i['a'])}\t{as_tsv(i['b'])}\t{as_tsv(json.dumps(i['j']))}\n" for i in items),
    }
    job = await place.job(TEXTS, ("id",))
    for number, (name, text) in enumerate(files.items()):
        packed = tmp_path / f"{name}.gz"
        packed.write_bytes(gzip.compress(text.encode()))
        report = await place.load(job, packed)
        expected = Counts(len(items), inserted=len(items)) if number == 0 else Counts(len(items), unchanged=len(items))
        assert report.counts == expected, name
        dumped = await place.dump(job)
        assert [(item["a"], item["b"], item["j"]) for item in dumped] == [(item["a"], item["b"], item["j"]) for item in items]
