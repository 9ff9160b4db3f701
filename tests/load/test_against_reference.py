"""What is loaded equals what a loader of other code loads: rows, counts and the places of refused records."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from schemagen.options import LoadOptions
from tests.laws.load_records import NUMBERS, OTHERS, TEXTS
from tests.load.place import Place
from tests.oracles.reference_loader import ReferenceLoader, canonical

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "thing",
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "integer", "minimum": 0, "maximum": 1000},
        "n": {"type": ["integer", "null"]},
        "x": {"type": "number"},
        "price": {"type": "number", "multipleOf": 0.01, "minimum": 0, "maximum": 1000},
        "text": {"type": ["string", "null"], "maxLength": 40},
        "state": {"enum": ["active", "deleted"]},
        "at": {"type": ["string", "null"], "format": "date-time"},
        "day": {"type": "string", "format": "date"},
        "uuid": {"type": "string", "format": "uuid"},
        "list": {"type": "array", "items": {"type": "string"}},
        "numbers": {"type": "array", "items": {"type": "number"}},
        "nested": {"type": "object"},
        "any": {},
        "full-name": {"type": "string"},
    },
    "dependentRequired": {"price": ["x"]},
}
NAMES = [*SCHEMA["properties"], "other", "x y"]
GOOD = {
    "n": ["7", "1.0", "null", "9223372036854775808"],
    "x": ["1.5", "0.30000000000000004", "1e400"],
    "price": ["1.5", "99.99", "7"],
    "text": ['"Árvíztűrő 😀"', '"tab\\tnew\\nline"', '"a\\\\b\\"c"', '""', "null"],
    "state": ['"active"'],
    "at": ['"2024-05-01T12:00:00.1234567+02:00"', '"soon"', "null"],
    "day": ['"2024-05-01"', '"2024-02-30"'],
    "uuid": ['"550E8400-E29B-41D4-A716-44665544000F"', '"{}"'],
    "list": ['["a", "b\\n"]', "[]"],
    "numbers": ["[1, 2.5]", "[0.1000000000000000055]"],
    "nested": ['{"a": {"b": [1.50, null]}}', "{}"],
    "any": ["null", '"1"', "1", "[[], {}]"],
    "full-name": ['"x"'],
    "other": ["1", "null"],
    "x y": ['"z"'],
}


def record(chance: random.Random) -> str:
    texts = [*NUMBERS, *(f'"{text}"' for text in TEXTS), *OTHERS]
    parts = [f'"id": {chance.randrange(60)}'] if chance.random() < 0.98 else []
    for name in NAMES[1:]:
        if chance.random() < 0.4:
            parts.append(f'"{name}": {chance.choice(texts) if chance.random() < 0.03 else chance.choice(GOOD[name])}')
    chance.shuffle(parts)
    return (
        chance.choice(["{%s}", "{%s}", "{%s}", " {%s} "]) % ", ".join(parts)
        if chance.random() < 0.98
        else chance.choice(["{", "[]", "7", "", "x"])
    )


async def test_rows_counts_and_places_are_those_of_the_reference(place: Place, tmp_path: Path) -> None:
    job = await place.job(SCHEMA, ("id",), load=LoadOptions(block_bytes=3000))
    reference = ReferenceLoader(SCHEMA, "id")
    try:
        for seed in range(6):
            chance = random.Random(seed)
            lines = [record(chance).encode("utf-8", "surrogatepass") for _ in range(chance.choice([5, 100, 400]))]
            data, bad = tmp_path / f"{seed}.jsonl", tmp_path / "bad.jsonl"
            data.write_bytes(b"\n".join(lines) + b"\n")
            report = await place.load(job, data, rejects=str(bad))
            counts, refused = reference.load(lines)
            rejects = [item for item in await place.rejects() if item["load_id"] == report.load_id]
            assert [(item["line"], item["code"]) for item in rejects] == refused
            found = {name: getattr(report.counts, name) for name in ("read", "rejected", "superseded", "inserted", "updated", "unchanged")}
            assert found == {name: counts[name] for name in found}
            assert sorted(repr(canonical(item, SCHEMA)) for item in await place.dump(job)) == reference.rows()
    finally:
        reference.close()


def test_reference_finds_one_altered_value() -> None:
    reference = ReferenceLoader(SCHEMA, "id")
    try:
        reference.load([b'{"id": 1, "x": 1.50}'])
        assert reference.rows() == [repr(canonical({"id": 1, "x": 1.5}, SCHEMA))]
        assert reference.rows() != [repr(canonical({"id": 1, "x": 1.6}, SCHEMA))]
    finally:
        reference.close()
