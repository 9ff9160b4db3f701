"""Other styles: importable source of the same schemas, the same each time, from which nothing runs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, get_args, get_type_hints

import msgspec
import pydantic
import pytest

from schemagen.document.node import Document
from schemagen.document.read import document_from_value, read_document
from schemagen.errors import SchemagenError
from schemagen.model.styles import Style, emit_style
from schemagen.options import SchemaOptions

STYLES: tuple[Style, ...] = get_args(Style)

PERSON: dict[str, Any] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "title": "Person",
    "type": "object",
    "required": ["id", "kind"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "integer"},
        "kind": {"enum": ["staff", "guest"]},
        "full-name": {"type": "string", "maxLength": 80, "pattern": "^(?<first>\\w+)(?! )", "description": "Display name"},
        "class": {"type": ["number", "null"], "minimum": 0, "exclusiveMaximum": 10},
        "mail": {"type": "string", "format": "email", "pattern": "@"},
        "boss": {"$ref": "#"},
        "home": {"$ref": "#/definitions/org.example.Address<T>"},
        "tags": {"type": "object", "patternProperties": {"^x-": {"type": "string"}}, "additionalProperties": False},
    },
    "definitions": {"org.example.Address<T>": {"type": "object", "properties": {"street": {"type": "string"}}, "required": ["street"]}},
}
GOOD = {
    "id": 1,
    "kind": "staff",
    "full-name": "Ann",
    "class": 1.5,
    "boss": {"id": 2, "kind": "guest"},
    "home": {"street": "Main"},
    "tags": {"x-a": "b"},
}
BAD = [{"id": "x", "kind": "staff"}, {"id": 1}, {"id": 1, "kind": "other"}, {"id": 1, "kind": "staff", "home": {}}]


def document(schema: Any, source: str = "person.json") -> Document:
    return document_from_value(schema, source, SchemaOptions())


def imported(source: str) -> ModuleType:
    module = ModuleType(f"styles_{abs(hash(source))}")
    sys.modules[module.__name__] = module
    exec(compile(source, "<styles>", "exec"), vars(module))  # noqa: S102 (what a user would import)
    return module


@pytest.mark.parametrize("style", STYLES)
def test_source_is_the_same_each_time_and_says_where_it_is_from(style: Style) -> None:
    source = emit_style(document(PERSON, "/some/folder/person.json"), style)
    assert source.startswith("# made by schemagen from person.json; do not edit\n")
    assert emit_style(document(PERSON, "person.json"), style) == source
    assert source.endswith("\n")


def test_pydantic_models_take_the_records_of_the_schema() -> None:
    module = imported(emit_style(document(PERSON), "pydantic"))
    person = module.Person.model_validate(GOOD)
    assert json.loads(person.model_dump_json(by_alias=True, exclude_unset=True)) == GOOD
    for record in BAD:
        with pytest.raises(pydantic.ValidationError):
            module.Person.model_validate(record)
    with pytest.raises(pydantic.ValidationError):
        module.Person.model_validate({"id": 1, "kind": "staff", "mail": "nobody"})


def test_msgspec_structs_take_the_records_of_the_schema() -> None:
    module = imported(emit_style(document(PERSON), "msgspec"))
    assert json.loads(msgspec.json.encode(msgspec.json.decode(json.dumps(GOOD), type=module.Person))) == GOOD
    for record in BAD:
        with pytest.raises(msgspec.ValidationError):
            msgspec.json.decode(json.dumps(record), type=module.Person)


ENUMS: dict[str, list[Any]] = {
    "a": ["x", "y", None],
    "b": [1, 2, None],
    "c": [1, "x", 2.5, None],
    "d": [None],
    "e": [True, "x"],
    "f": ["x"],
}


def test_enumerations_of_any_values_take_them() -> None:
    properties = {name: {"enum": values} for name, values in ENUMS.items()}
    schema = document({"title": "Thing", "type": "object", "properties": properties, "required": list(ENUMS)})
    struct = imported(emit_style(schema, "msgspec")).Thing
    model = imported(emit_style(schema, "pydantic")).Thing
    for place in range(max(map(len, ENUMS.values()))):
        record = {name: values[place % len(values)] for name, values in ENUMS.items()}
        assert json.loads(msgspec.json.encode(msgspec.json.decode(json.dumps(record), type=struct))) == record
        assert json.loads(model.model_validate(record).model_dump_json()) == record
    for style in ("msgspec", "pydantic"):
        assert "NoneType_None" not in emit_style(schema, style)


def test_typed_dicts_name_the_properties_of_the_schema() -> None:
    module = imported(emit_style(document(PERSON), "typeddict"))
    assert set(get_type_hints(module.Person)) == set(PERSON["properties"])
    assert module.Person.__required_keys__ == {"id", "kind"}


@pytest.mark.parametrize("style", STYLES)
def test_all_components_of_an_openapi_document_are_written(style: Style) -> None:
    components = {"Pet": {"type": "object", "properties": {"owner": {"$ref": "#/components/schemas/owner"}}},
                  "owner": {"type": "object", "properties": {"name": {"type": "string", "nullable": True}}}}  # fmt: skip
    module = imported(emit_style(document({"openapi": "3.0.0", "components": {"schemas": components}}), style))
    assert {"Pet", "Owner"} <= set(vars(module))


@pytest.mark.parametrize("style", STYLES)
def test_references_to_files_are_followed(style: Style, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"title": "A", "type": "object", "properties": {"b": {"$ref": "b.json#/definitions/c.d"}}}')
    (tmp_path / "b.json").write_text(
        '{"definitions": {"c.d": {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]}}}'
    )
    module = imported(emit_style(read_document(str(tmp_path / "a.json"), SchemaOptions()), style))
    assert "x" in get_type_hints(module.CD)


VENDOR = {
    "x-python-type": "os.system('id')",
    "x-python-import": {"module": "os", "name": "system"},
    "customTypePath": "os.system",
    "customBasePath": "os.PathLike",
    "default_factory": "__import__('os').system",
    "x-anything": 1,
    "discriminator": {"propertyName": "kind", "mapping": {"a": "file:///etc/passwd"}},
}


def with_vendor(value: Any) -> Any:
    """The schema with vendor keywords in every object that is a schema."""
    if not isinstance(value, dict):
        return value
    inner = {
        key: {name: with_vendor(item) for name, item in held.items()} if key in ("properties", "definitions", "patternProperties") else held
        for key, held in value.items()
    }
    return {**inner, **VENDOR}


@pytest.mark.parametrize("style", STYLES)
def test_vendor_keywords_change_nothing(style: Style) -> None:
    assert emit_style(document(with_vendor(PERSON)), style) == emit_style(document(PERSON), style)


PAYLOADS = (
    '"""\n__import__("os").system("touch marker")\n"""',
    "'); __import__('os').system('touch marker') #",
    "\r\n__import__('os').system('touch marker')\r\n",
    "\u2028import os\x0cos.system('touch marker')\x00\u202e",
    "{{ cycler.__init__.__globals__.os.system('touch marker') }}",
    "\\N{LATIN SMALL LETTER A}\\x41\\",
)


def hostile(text: str) -> dict[str, Any]:
    return {
        "title": text,
        "description": text,
        "type": "object",
        "properties": {
            text: {"type": "string", "title": text, "description": text, "default": text, "pattern": text, "format": text},
            "e": {"enum": [text, "other"], "description": text},
            "c": {"const": text},
            "d": {"$ref": "#/$defs/d"},
        },
        "$defs": {"d": {"type": "object", "description": text, "properties": {text: {"default": {text: [text]}}}}},
    }


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_text_of_a_schema_becomes_code(style: Style, payload: str, tmp_path: Path) -> None:
    hostile_document = document(hostile(payload), f"{payload[:40].replace('/', '')}.json")
    if style == "msgspec" and set(payload) & set('\\"\r\n\x0c'):
        with pytest.raises(SchemagenError, match=r"^UNSUPPORTED: .*msgspec takes no property called"):
            emit_style(hostile_document, style)
        return
    path = tmp_path / "models.py"
    path.write_text(emit_style(hostile_document, style), encoding="utf-8")
    done = subprocess.run([sys.executable, "-W", "error", str(path)], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "marker").exists()


def test_missing_library_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datamodel_code_generator", None)
    with pytest.raises(SchemagenError, match=r"^MISSING_EXTRA: datamodel-code-generator: .*pip install 'schemagen\[styles\]'"):
        emit_style(document(PERSON), "pydantic")


def test_dead_reference_is_named() -> None:
    with pytest.raises(SchemagenError, match=r"^BAD_REF: person.json#/properties/a: "):
        emit_style(document({"properties": {"a": {"$ref": "https://x.test/a"}}}), "pydantic")
