"""Which files are read, in which format, and what is told of a broken one."""

from __future__ import annotations

import gzip
import os
import zlib
from pathlib import Path

import pytest

from schemagen.errors import SchemagenError
from schemagen.load.ledger import identify
from schemagen.options import LoadOptions
from schemagen.sources.source import FileSource, sources
from schemagen.sources.stream import Stream
from tests.records.make import Held


def content(data: bytes, options: LoadOptions | None = None, size: int = 7) -> bytes:
    return b"".join(Stream(Held(data), options or LoadOptions(), size))


def test_names_tell_formats_and_folders_and_globs_are_sorted(tmp_path: Path) -> None:
    (tmp_path / "d" / ".hidden").mkdir(parents=True)
    for name in ("b.jsonl", "a.json.gz", "d/c.tsv", "d/x.txt", "d/.hidden/y.json", "e.ndjson", "f.CSV"):
        (tmp_path / name).touch()
    found = [(Path(item.name).name, item.format) for item in sources([str(tmp_path)])]
    assert found == [("a.json.gz", "json"), ("b.jsonl", "jsonl"), ("c.tsv", "tsv"), ("e.ndjson", "jsonl"), ("f.CSV", "csv")]
    assert [Path(item.name).name for item in sources([str(tmp_path / "*.json*")])] == ["a.json.gz", "b.jsonl"]
    (tmp_path / "[x].json").touch()
    assert sources([str(tmp_path / "[x].json")])[0].format == "json"


@pytest.mark.parametrize(
    ("arguments", "form", "sentence"),
    [
        (["nothing.json"], None, "NO_FILE: nothing.json: there is no such file"),
        (["*.json"], None, "NO_FILE: *.json: no file matches"),
        (["."], None, "is a folder without data files"),
        (["a.txt"], None, "the name does not tell the format"),
        (["-"], None, "add --format"),
        (["-", "-"], "json", "read once only"),
        (["a.txt"], "xml", "expected format json, jsonl, tsv or csv, got 'xml'"),
    ],
)
def test_what_cannot_be_read_is_named(
    arguments: list[str], form: str | None, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").touch()
    with pytest.raises(SchemagenError) as error:
        sources(arguments, form)
    assert sentence in str(error.value)


def test_identity_is_of_the_bytes_not_of_the_path(tmp_path: Path) -> None:
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_bytes(b"x" * 3_000_000)
    os.symlink(tmp_path / "a.json", tmp_path / "c.json")
    (tmp_path / "d.json").write_bytes(b"x" * 2_999_999 + b"y")
    found = identify(sources([str(tmp_path)]))
    assert [item.rank for item in found.files] == [0, 1, 2, 0]
    assert len({item.identity for item in found.files}) == 2
    assert not found.once


def test_pipe_is_read_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jsonl")
    assert identify([FileSource(str(tmp_path / "pipe.jsonl"), "jsonl")]).once


def test_compression_is_told_by_the_content_and_byte_order_marks_are_dropped() -> None:
    text = b"\xef\xbb\xbf" + b"0123456789" * 100
    for data in (text, gzip.compress(text), gzip.compress(text[:500]) + gzip.compress(text[500:])):
        assert content(data) == text[3:]
        assert content(data, size=1) == text[3:]
    assert content(b"") == content(b"\xef\xbb\xbf") == b""
    assert content("é".encode("utf-16"), LoadOptions(encoding="utf-16")) == "é".encode()
    assert content("é".encode("latin-1") * 20, LoadOptions(encoding="latin-1")) == ("é" * 20).encode()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        pytest.param(gzip.compress(b"x" * 1000)[:-9], "truncated", id="gzip cut short"),
        pytest.param(gzip.compress(b"x" * 1000)[:-6] + b"\0\0\0\0\0\0", "corrupt", id="gzip of another sum"),
        pytest.param(gzip.compress(b"x") + b"garbage", "corrupt", id="gzip with more behind it"),
        pytest.param(b"\x1f\x8b\x08\x00" + b"\xff" * 30, "corrupt", id="gzip in its first bytes alone"),
        pytest.param(b"\x28\xb5\x2f\xfd\0", "zstandard", id="zstandard"),
        pytest.param("é".encode("utf-16"), "encoding=utf-16", id="utf-16"),
    ],
)
def test_broken_file_is_named_with_its_reason(data: bytes, sentence: str) -> None:
    with pytest.raises(SchemagenError, match=f"BAD_FILE: records: .*{sentence}"):
        content(data)


def test_decompressed_size_can_be_limited() -> None:
    bomb = gzip.compress(b"0" * 1_000_000)
    assert len(content(bomb, size=1 << 16)) == 1_000_000
    with pytest.raises(SchemagenError, match="more than 1000 bytes"):
        content(bomb, LoadOptions(max_bytes=1000), size=1 << 16)
    assert zlib.crc32(content(bomb)) == zlib.crc32(b"0" * 1_000_000)
