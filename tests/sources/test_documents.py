"""Records in JSON documents, small and large: the same records at the same places, however the document is cut."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from schemagen.sources import documents
from schemagen.sources.block import Fault
from schemagen.sources.cutter import Cutter
from schemagen.sources.documents import DocumentRule, RecordPath, document_blocks, record_path


@pytest.mark.parametrize(
    ("pointer", "base", "steps"),
    [
        ("#", "", ()),
        ("#/items", "", (None,)),
        ("#/properties/639-3/items", "", ("639-3", None)),
        ("#/properties/a~1b/items", "", ("a/b", None)),
        ("#/properties/a", "", ("a",)),
        ("#/$defs/Thing", "/$defs/Thing", ()),
        ("#/$defs/items", "/$defs/items", ()),
        ("#/definitions/x/properties/items/items", "/definitions/x", ("items", None)),
        ("#/components/schemas/Pet", "/components/schemas/Pet", ()),
        ("#/oneOf/0", "/oneOf/0", ()),
    ],
)
def test_pointer_tells_where_records_lie(pointer: str, base: str, steps: tuple[str | None, ...]) -> None:
    assert record_path(pointer) == RecordPath(base, steps)


def cut(data: bytes, pointer: str, piece: int, *, limit: int = 1 << 20, split: int = 1000) -> tuple[list[Any], dict[int, str], bytes]:
    """Each record with its split, number, place and fault; the splits' hashes; all bytes again."""
    rule = DocumentRule(record_path(pointer), True, limit, lambda _, places: None if places is not None else Fault("SYNTAX", "no JSON"))
    pieces = (data[at : at + piece] for at in range(0, len(data), piece))
    blocks = list(document_blocks(pieces, Cutter(split), rule))
    found = [
        (record, block.split, block.first + index, block.place(index), block.faults.get(index))
        for block in blocks
        for index, record in enumerate(block.records)
    ]
    return found, {block.split: block.digest for block in blocks}, b"".join(block.raw for block in blocks)


def items(count: int) -> list[Any]:
    chance = random.Random(count)
    odd: list[Any] = [{"b": [1, {"c": "},{"}]}, "x,]é", [1, [2]], None, {"n": "\n"}, -1.5, {}, [], "\\", '"', True]
    return [chance.choice([{"a": number}, *odd]) for number in range(count)]


DOCUMENTS = [
    (json.dumps(items(300), indent=1, ensure_ascii=False).encode(), "#/items"),
    (json.dumps(items(300)).encode(), "#"),
    (b'\n{"k": {"x": [2]}, "x":' + json.dumps(items(300), ensure_ascii=False).encode() + b', "y": [1,2,3] } \n', "#/properties/x/items"),
    (b'{"a": {"x": [' + b",\n".join(b"%d" % number for number in range(300)) + b"]}}", "#/properties/a/properties/x/items"),
]


@pytest.mark.parametrize("piece", [1, 7, 100, 3000])
@pytest.mark.parametrize(("data", "pointer"), DOCUMENTS)
def test_large_document_gives_what_it_gives_when_it_is_read_whole(
    data: bytes, pointer: str, piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, digests, raw = cut(data, pointer, len(data))
    assert raw == data
    assert len(whole) == 300
    for record, _, _, (line, offset), _ in whole:
        assert data[offset:].startswith(record)
        assert data[:offset].count(b"\n") + 1 == line
    monkeypatch.setattr(documents, "WHOLE_BYTES", 40)
    found, others, _ = cut(data, pointer, piece)
    assert found == whole
    assert others == digests


@pytest.mark.parametrize(
    ("data", "count", "code", "words"),
    [
        (b"[" + b"1," * 100 + b"nope, 3]", 100, "SYNTAX", "expecting value"),
        (b"[" + b"1," * 100 + b'"open', 100, "SYNTAX", "unterminated string"),
        (b"[" + b"1," * 100, 100, "SYNTAX", "expecting value"),
        (b"[" + b"1," * 100 + b"2 3]", 100, "SYNTAX", "expecting ',' delimiter"),
        (b"[" + b"1," * 100 + b"2] x", 101, "SYNTAX", "what follows the list"),
        (b"[" + b"1," * 100 + b'"' + b"x" * 3000 + b'"]', 100, "RECORD_TOO_LARGE", "longer than 2000"),
    ],
)
def test_item_that_is_no_json_ends_a_large_file_in_one_reject(
    data: bytes, count: int, code: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "WHOLE_BYTES", 40)
    found, _, _ = cut(data, "#/items", 50, limit=2000)
    assert [item[4] for item in found[:-1]] == [None] * count
    fault = found[-1][4]
    assert fault is not None
    assert (fault.code, words in fault.message) == (code, True)


def test_large_document_with_two_lists_of_one_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "WHOLE_BYTES", 10)
    found, _, _ = cut(b'{"x": [1, 2], "x": [3]}', "#/properties/x/items", 5)
    assert "occurs twice" in found[-1][4].message


def test_document_that_is_one_record_is_limited_like_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "WHOLE_BYTES", 10)
    (item,), _, _ = cut(b'{"a": "' + b"x" * 5000 + b'"}', "#", 50, limit=100)
    assert item[4].code == "RECORD_TOO_LARGE"
    (item,), _, _ = cut(b'{"a": "' + b"x" * 50 + b'"}', "#", 5, limit=100)
    assert item[4] is None
