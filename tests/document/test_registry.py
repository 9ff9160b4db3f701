"""References lead where the documents say, to files only where that is allowed, and never to the network."""

from __future__ import annotations

import json
import pickle
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schemagen.document.node import Node
from schemagen.document.read import document_from_value, read_document, read_documents
from schemagen.document.validators import validator_for
from schemagen.errors import SchemagenError
from schemagen.options import SchemaOptions
from tests.document.cases import cases


def write(folder: Path, files: dict[str, Any]) -> None:
    for name, value in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value))


def place(node: Node) -> str:
    return f"{node.document.source}#{node.pointer}"


@cases("references")
def test_reference_leads_to_its_target(case: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, case["files"])
    monkeypatch.chdir(tmp_path)
    options = SchemaOptions(ref_map=tuple(case.get("maps", {}).items()), unresolved_ref="any" if case.get("any") else "error")
    document = read_document("a.json", options)
    registry = document.registry
    node = registry.node(document, case.get("at", ""))
    if "error" in case:
        with pytest.raises(SchemagenError) as raised:
            registry.follow(node)
        assert str(raised.value).startswith(case["error"])
        return
    for _ in range(case.get("steps", 1)):
        node = registry.follow(node)
    assert place(node) == case["leads"]
    if "schema" in case:
        assert node.schema == case["schema"]
    codes = [item.code for item in registry.diagnostics if item.code != "MENDED"]
    assert codes == case.get("diagnostics", codes if "REF_SIBLING" in codes else [])
    # What the resolver reads, a validator finds too.
    validator_for(document, case.get("at", ""))


def test_documents_of_one_run_are_one(tmp_path: Path) -> None:
    write(tmp_path, {"a.json": {"$ref": "b.json"}, "b.json": {"type": "integer"}})
    first, second = read_documents([str(tmp_path)], SchemaOptions())
    assert first.registry.follow(first.root) is second.root


def test_first_of_two_equal_identities_has_it(tmp_path: Path) -> None:
    same = "https://x.test/same"
    first_schema = {"$id": same, "$ref": "#/$defs/n", "$defs": {"n": {"type": "integer"}}}
    write(tmp_path, {"a.json": first_schema, "b.json": {"$id": same, "type": "string"}})
    first, second = read_documents([str(tmp_path)], SchemaOptions())
    assert [validator_for(first, "").is_valid(item) for item in (1, "a")] == [True, False]
    assert [validator_for(second, "").is_valid(item) for item in (1, "a")] == [False, True]


def test_document_survives_pickle() -> None:
    document = document_from_value({"properties": {"a": {"$ref": "#/$defs/b"}}, "$defs": {"b": {"type": "integer"}}}, "x", SchemaOptions())
    again = pickle.loads(pickle.dumps(document))
    assert again.registry.follow(again.registry.child(again.root, "properties", "a")).schema == {"type": "integer"}
    assert not validator_for(again, "").is_valid({"a": "b"})


def test_map_to_nothing_is_named(tmp_path: Path) -> None:
    missing = str(tmp_path / "missing")
    with pytest.raises(
        SchemagenError, match=r"^NO_FILE: .*missing: there is no such file or folder, which --ref-map names for https://x.test/"
    ):
        document_from_value({}, "x", SchemaOptions(ref_map=(("https://x.test/", missing),)))


SPELLINGS = [
    "file:///etc/passwd",
    "file:/etc/passwd",
    "file://localhost/etc/passwd",
    "FILE:///etc/passwd",
    "/etc/passwd",
    "//etc/passwd",
    "../" * 12 + "etc/passwd",
    "%2e%2e/" * 12 + "etc/passwd",
    "sub/%2E%2E/%2e%2e/" + "..%2f" * 12 + "etc/passwd",
    "link",
    "linked/passwd",
    "passwd%00.json",
    "\\\\host\\share\\passwd",
    "https://x.test/schemas/../../../../../../../../../../etc/passwd",
]


@pytest.fixture(scope="module")
def opened() -> Iterator[list[str]]:
    """Every path that this process opens meanwhile. An audit hook cannot be taken back; afterwards it takes no notes."""
    paths: list[str] = []
    watching = [True]
    sys.addaudithook(lambda event, arguments: paths.append(str(arguments[0])) if event == "open" and watching else None)
    yield paths
    watching.clear()


@pytest.mark.parametrize("reference", SPELLINGS)
def test_file_outside_the_folder_is_never_opened(reference: str, tmp_path: Path, opened: list[str]) -> None:
    folder = tmp_path / "schemas"
    properties = {"p": {"$ref": reference}}
    write(folder, {"a.json": {"$id": "https://x.test/schemas/a.json", "properties": properties}, "b.json": {"properties": properties}})
    (folder / "link").symlink_to("/etc/passwd")
    (folder / "linked").symlink_to("/etc")
    del opened[:]
    for name in ("a.json", "b.json"):
        document = read_document(str(folder / name), SchemaOptions())
        with pytest.raises(SchemagenError, match=r"^BAD_REF: .*/properties/p: "):
            document.registry.follow(document.registry.child(document.root, "properties", "p"))
        with pytest.raises(SchemagenError, match=r"^BAD_REF: .*/properties/p: "):
            validator_for(document, "")
    assert not [path for path in opened if "passwd" in path]
    assert len(opened) >= 2


@pytest.fixture
def listener() -> Iterator[tuple[int, list[str]]]:
    """A port of this machine, and who has connected to it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        callers: list[str] = []
        stop = threading.Event()

        def listen() -> None:
            while not stop.is_set():
                try:
                    connection, address = server.accept()
                except TimeoutError:
                    continue
                callers.append(str(address))
                connection.close()

        thread = threading.Thread(target=listen)
        thread.start()
        yield server.getsockname()[1], callers
        stop.set()
        thread.join()


@pytest.mark.parametrize("unresolved", ["error", "any"])
def test_network_is_never_asked(unresolved: Any, listener: tuple[int, list[str]]) -> None:
    port, callers = listener
    remote = f"http://127.0.0.1:{port}/schema.json"
    schema = {
        "$schema": f"http://127.0.0.1:{port}/meta",
        "properties": {"a": {"$ref": remote}},
        "$defs": {"unused": {"$ref": remote + "#/x"}},
    }
    document = document_from_value(schema, "x", SchemaOptions(unresolved_ref=unresolved))
    if unresolved == "error":
        with pytest.raises(SchemagenError, match=r"^BAD_REF: x#/properties/a: "):
            validator_for(document, "")
    else:
        assert validator_for(document, "").is_valid({"a": 1})
        assert [item.code for item in document.registry.diagnostics] == ["MENDED", "ANY_REF"]
    assert callers == []


def test_resources_hold_every_document_with_absolute_references(tmp_path: Path) -> None:
    write(tmp_path, {"a.json": {"properties": {"p": {"$ref": "b#/$defs/c"}}}, "b.json": {"$defs": {"c": {"multipleOf": 0.5}}}})
    document = read_document(str(tmp_path / "a.json"), SchemaOptions())
    found = dict(document.registry.resources())
    (first,) = (value for uri, value in found.items() if uri.endswith("/a.json"))
    uri, _, pointer = first["properties"]["p"]["$ref"].partition("#")
    assert pointer == "/$defs/c"
    assert found[uri]["$defs"]["c"] == {"multipleOf": 0.5}
    assert type(found[uri]["$defs"]["c"]["multipleOf"]) is float


def test_items_false_beside_prefix_items_is_a_schema_of_its_own() -> None:
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "prefixItems": [{"type": "integer"}], "items": False}
    root = document_from_value(schema, "tuple.json", SchemaOptions()).root
    assert root.document.registry.child(root, "items").schema is False
