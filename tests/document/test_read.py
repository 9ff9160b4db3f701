"""A file, a folder, standard input or a value is read, or refused in one line."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from schemagen.document.bundle import bundle
from schemagen.document.read import document_from_text, document_from_value, read_document, read_documents
from schemagen.document.validators import validator_for
from schemagen.errors import SchemagenError
from schemagen.options import SchemaOptions
from tests.document.cases import cases

OPTIONS = SchemaOptions()


@cases("refused")
def test_text_that_is_no_schema_is_refused_in_one_line(case: dict[str, Any]) -> None:
    with pytest.raises(SchemagenError) as raised:
        document_from_text(case["text"], "x.json", OPTIONS, yaml=case.get("yaml", False))
    assert str(raised.value).startswith(case["error"])
    assert "\n" not in str(raised.value)


def test_folder_gives_its_schemas_sorted_and_runs_nothing(tmp_path: Path) -> None:
    for name in ("b.json", "a.yaml", "c.YML", ".hidden.json", "evil.py", "records.jsonl"):
        (tmp_path / name).write_text("{}" if name != "evil.py" else f"open({str(tmp_path / 'marker')!r}, 'w')")
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "d.json").write_text("{}")
    found = read_documents([str(tmp_path), str(tmp_path / "b.json")], OPTIONS)
    assert [Path(item.source).name for item in found] == ["a.yaml", "b.json", "c.YML"]
    assert not (tmp_path / "marker").exists()


def test_source_is_the_path_as_it_was_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "a.json").write_text("{}")
    assert read_document("s/a.json", OPTIONS).source == "s/a.json"
    assert read_document("./s/../s/a.json", OPTIONS).source == "./s/../s/a.json"


@pytest.mark.parametrize("text", ['{"type": "string"}', "type: string", '\ufeff{"type": "string"}'])
def test_standard_input_is_json_or_yaml(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    document = read_document("-", OPTIONS)
    assert (document.source, document.value) == ("stdin", {"type": "string"})


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("missing.json", "NO_FILE: missing.json: there is no such file"),
        ("empty", "NO_FILE: empty: the folder holds no .json, .yaml or .yml file"),
        ("a\0b", "NO_FILE: a\\x00b: is no name of a file"),
        ("broken.json", "NO_FILE: broken.json: there is no such file"),
    ],
)
def test_what_is_not_there_is_named(path: str, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    os.symlink(tmp_path / "nowhere", tmp_path / "broken.json")
    with pytest.raises(SchemagenError) as raised:
        read_documents([path], OPTIONS)
    assert str(raised.value) == sentence


def test_file_beyond_the_limit_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    with path.open("wb") as file:
        file.truncate((64 << 20) + 1)
    with pytest.raises(SchemagenError, match=r"^SCHEMA_TOO_LARGE: .*a.json: has 67,108,865 bytes"):
        read_document(str(path), OPTIONS)


def test_text_takes_references_from_its_folder(tmp_path: Path) -> None:
    (tmp_path / "b.json").write_text('{"type": "string"}')
    document = document_from_text('{"$ref": "b.json"}', "a.json", OPTIONS, folder=tmp_path)
    assert document.registry.follow(document.root).schema == {"type": "string"}
    alone = document_from_text('{"$ref": "b.json"}', "a.json", OPTIONS)
    with pytest.raises(SchemagenError, match=r'^BAD_REF: a.json#: "\$ref" points to "b.json", which is no file under the folder'):
        alone.registry.follow(alone.root)


@pytest.mark.parametrize(
    ("value", "draft"),
    [
        ({}, "https://json-schema.org/draft/2020-12/schema"),
        ({"$schema": "http://json-schema.org/draft-07/schema"}, "http://json-schema.org/draft-07/schema#"),
        ({"openapi": "3.0.3"}, "openapi-3.0"),
        ({"openapi": "3.1.0"}, "openapi-3.1"),
        ({"swagger": "2.0"}, "swagger-2.0"),
        ({"swagger": 2.0}, "swagger-2.0"),
        (True, "https://json-schema.org/draft/2020-12/schema"),
    ],
)
def test_draft_is_named(value: Any, draft: str) -> None:
    assert document_from_value(value, "x", OPTIONS).draft == draft


def test_limit_of_depth_is_an_option() -> None:
    text = '{"a":' * 230 + "1" + "}" * 230
    with pytest.raises(SchemagenError, match="max-depth"):
        document_from_text(text, "x", OPTIONS)
    document_from_text(text, "x", SchemaOptions(max_depth=240))


def test_schema_of_the_greatest_depth_is_read_and_judged() -> None:
    def nested(levels: int) -> str:
        return '{"items":' * levels + "{}" + "}" * levels

    deepest = document_from_text(nested(249), "x", SchemaOptions(max_depth=100_000))
    assert validator_for(deepest, "").is_valid([[1]])
    assert bundle(deepest)["items"]
    with pytest.raises(SchemagenError, match=r"^BAD_DOCUMENT: x: is nested deeper than 250 levels"):
        document_from_text(nested(250), "x", SchemaOptions(max_depth=100_000))
