"""Several documents and references between files: one model, names that do not depend on where the files lie."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from schemagen.document.read import read_documents
from schemagen.errors import SchemagenError
from schemagen.options import SchemaOptions
from schemagen.shape.compile import Compiled, compile_model
from tests.shape.reading import show_model

ORDER = {
    "type": "object",
    "properties": {"id": {"type": "integer"}, "buyer": {"$ref": "person.json"}, "ship-to": {"$ref": "common.json#/$defs/address"}},
}
PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "home": {"$ref": "common.json#/$defs/address"}, "kind": {"enum": ["a"]}},
}
COMMON = {"$defs": {"address": {"type": "object", "properties": {"street": {"type": "string"}}}}}


def write(folder: Path, **files: object) -> None:
    folder.mkdir(exist_ok=True)
    for name, value in files.items():
        (folder / f"{name}.json").write_text(json.dumps(value))


def compile_files(*paths: Path, options: SchemaOptions | None = None) -> Compiled:
    options = options or SchemaOptions()
    return compile_model(read_documents([str(path) for path in paths], options), options)


def test_classes_of_other_files_are_shared_and_named_after_them(tmp_path: Path) -> None:
    write(tmp_path, order=ORDER, person=PERSON, common=COMMON)
    compiled = compile_files(tmp_path / "order.json", tmp_path / "person.json")
    assert show_model(compiled.model) == [
        "entity Order open table=order pointer=#",
        "  id: Int",
        "  buyer: Person",
        "  ship_to: Address json='ship-to'",
        "entity Person open table=person pointer=#",
        "  name: Str",
        "  home: Address",
        "  kind: enum PersonKind",
        "class Address open",
        "  street: Str",
        "enum PersonKind: a='a'",
    ]
    assert (compiled.model.name, compiled.model.source) == ("order", "order.json")


def test_model_does_not_depend_on_the_folder(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write(tmp_path / name, order=ORDER, person=PERSON, common=COMMON)
    first, second = (compile_files(tmp_path / name / "order.json").model for name in ("one", "two"))
    assert first == second
    assert first.digest == second.digest


def test_two_files_of_one_table_name_both_places_and_the_way_out(tmp_path: Path) -> None:
    write(tmp_path, order=ORDER, person=PERSON, common=COMMON, other={**PERSON, "title": "Order"})
    with pytest.raises(
        SchemagenError, match=r"NAME_CLASH: .*other\.json#: makes the table 'order', as .*order\.json# does; --set 'rename=.*#=NAME'"
    ):
        compile_files(tmp_path / "order.json", tmp_path / "other.json")
    options = SchemaOptions(rename=("other.json#=supplier",))
    compiled = compile_files(tmp_path / "order.json", tmp_path / "other.json", options=options)
    assert [item.name for item in compiled.model.entities] == ["Order", "Supplier"]


def test_pointer_of_several_files_needs_the_file(tmp_path: Path) -> None:
    write(tmp_path, order=ORDER, person=PERSON, common=COMMON)
    paths = (tmp_path / "order.json", tmp_path / "person.json")
    with pytest.raises(SchemagenError, match=r"UNKNOWN_ENTITY: .*'#' is the name of several schemas"):
        compile_files(*paths, options=SchemaOptions(entities=("#",)))
    compiled = compile_files(*paths, options=SchemaOptions(entities=("person.json#",)))
    assert [item.name for item in compiled.model.entities] == ["Person"]


def test_records_described_in_another_file_name_it(tmp_path: Path) -> None:
    write(tmp_path, root={"$ref": "list.json"}, list={"type": "array", "items": PERSON}, common=COMMON)
    with pytest.raises(SchemagenError, match=r"ROOT_NOT_TABULAR: .*root\.json#: .*its items are described in .*list\.json; give that file"):
        compile_files(tmp_path / "root.json")
