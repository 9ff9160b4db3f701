"""What is wrong is one clear line and exit code 2, and nothing was changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.run import refused, schemagen
from tests.conftest import ROOT
from tests.servers.postgresql import PostgresqlServer

SHOP = ROOT / "schemas" / "shop"
ORDER = SHOP / "order.json"
USER = ROOT / "schemas" / "users" / "user.json"
USERS = ROOT / "schemas" / "users" / "users.jsonl"


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """A schema without a key."""
    path = tmp_path / "plain.json"
    path.write_text(json.dumps({"title": "Plain", "type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}))
    return path


def test_missing_schema_file_names_it(tmp_path: Path) -> None:
    assert "nowhere.json" in refused(schemagen("generate", tmp_path / "nowhere.json"), "NO_FILE")


def test_missing_data_file_makes_no_database(tmp_path: Path, plain: Path) -> None:
    target = tmp_path / "x.duckdb"
    line = refused(schemagen("load", plain, tmp_path / "nowhere.jsonl", "--to", f"duckdb:///{target}"), "NO_FILE")
    assert "nowhere.jsonl" in line
    assert not target.exists()


@pytest.mark.parametrize("text", ["", "{", "[1, 2", "nonsense", '{"a": 1} {"b": 2}', '{"a": NaN}'])
def test_schema_file_that_is_no_json(tmp_path: Path, text: str) -> None:
    path = tmp_path / "broken.json"
    path.write_text(text)
    assert "broken.json" in refused(schemagen("generate", path), "BAD_DOCUMENT")


@pytest.mark.parametrize("value", [[], "text", 7, {"type": 7}, {"properties": []}, {"type": "objekt"}, {"required": "id"}])
def test_json_that_is_no_schema(tmp_path: Path, value: object) -> None:
    path = tmp_path / "odd.json"
    path.write_text(json.dumps(value))
    refused(schemagen("ddl", path, "--dialect", "postgresql"), "BAD_DOCUMENT")


def test_reference_to_nowhere_says_what_was_meant(tmp_path: Path) -> None:
    path = tmp_path / "ref.json"
    path.write_text(json.dumps({"type": "object", "properties": {"a": {"$ref": "#/$defs/Idd"}}, "$defs": {"Id": {"type": "integer"}}}))
    line = refused(schemagen("generate", path), "BAD_REF")
    assert "#/properties/a" in line
    assert "#/$defs/Id" in line


def test_unknown_entity(tmp_path: Path) -> None:
    assert "Ordr" in refused(schemagen("ddl", ORDER, "--entity", "Ordr", "--dialect", "ansi"), "UNKNOWN_ENTITY")


def test_key_that_is_no_property_names_the_properties(plain: Path) -> None:
    assert "id" in refused(schemagen("ddl", plain, "--key", "idd", "--dialect", "ansi"), "KEY_UNKNOWN")


def test_upsert_without_key(tmp_path: Path, plain: Path) -> None:
    data = tmp_path / "data.jsonl"
    data.write_text('{"id": 1}\n')
    target = tmp_path / "x.duckdb"
    line = refused(schemagen("load", plain, data, "--mode", "upsert", "--to", f"duckdb:///{target}"), "NO_KEY")
    assert "--key" in line
    assert not target.exists()


def test_unreachable_server_answers_soon() -> None:
    line = refused(schemagen("plan", USER, "--to", "postgresql://somebody:S3cret@127.0.0.1:1/x?ssl=disable"), "NO_CONNECTION")
    assert "S3cret" not in line


@pytest.mark.parametrize("command", [("inspect",), ("dump", ORDER, "--from")])
def test_database_file_that_is_not_there_is_named(tmp_path: Path, command: tuple[object, ...]) -> None:
    line = refused(schemagen(*command, "duckdb:///missing.duckdb", cwd=tmp_path), "NO_FILE")
    assert line == "NO_FILE: missing.duckdb: there is no such database file"
    (tmp_path / "there.duckdb").touch()
    relative = str(tmp_path / "there.duckdb").lstrip("/")
    line = refused(schemagen(*command, f"duckdb:///{relative}"), "NO_CONNECTION")
    assert line.endswith(f"; duckdb:///{relative} is relative to the current folder, duckdb:////{relative} is absolute")
    assert not (tmp_path / "missing.duckdb").exists()


@pytest.mark.parametrize("command", [("plan", ORDER), ("apply", ORDER), ("load", ORDER, SHOP / "orders.jsonl")])
def test_folder_of_a_database_file_that_is_not_there(tmp_path: Path, command: tuple[object, ...]) -> None:
    line = refused(schemagen(*command, "--to", "duckdb:///no/such.duckdb", cwd=tmp_path), "NO_CONNECTION")
    assert line == f"NO_CONNECTION: no/such.duckdb: the folder {tmp_path / 'no'} does not exist"
    path = f"{tmp_path}/new.duckdb"
    line = refused(schemagen(*command, "--to", f"duckdb://{path}", cwd=tmp_path), "NO_CONNECTION")
    assert line.endswith(f"; duckdb://{path} is relative to the current folder, duckdb:///{path} is absolute")
    assert not (tmp_path / "new.duckdb").exists()


def test_plan_takes_a_missing_database_file_as_an_empty_one(tmp_path: Path) -> None:
    assert "CREATE" in schemagen("plan", ORDER, "--to", "duckdb:///new.duckdb", "--format", "sql", cwd=tmp_path).stdout
    assert not (tmp_path / "new.duckdb").exists()


def test_namespace_that_is_not_there_is_named(tmp_path: Path, postgresql_url: str) -> None:
    file = f"duckdb:///{tmp_path / 'a.duckdb'}"
    for url, own in ((file, "main"), (postgresql_url, "public")):
        for namespace in ((), ("--namespace", "shop")):
            assert schemagen("apply", ORDER, "--to", url, *namespace).returncode == 0
        line = refused(schemagen("inspect", url, "--namespace", own, "--namespace", "nope"), "USAGE")
        assert line.startswith("USAGE: --namespace nope: there is no such namespace; the database has: ")
        assert "shop" in line
        for name in (own, "shop"):
            assert '"order"' in schemagen("inspect", url, "--namespace", name).stdout


def test_wrong_password(postgresql_password_server: tuple[str, str]) -> None:
    right, wrong = postgresql_password_server
    line = refused(schemagen("plan", USER, "--to", wrong), "AUTH")
    assert "wr0ng" not in line
    assert schemagen("plan", USER, "--to", right).returncode == 0


@pytest.mark.parametrize("command", ["apply", "plan"])
def test_dropped_column_is_refused_by_name(tmp_path: Path, command: str) -> None:
    url = f"duckdb:///{tmp_path / 'shop.duckdb'}"
    assert schemagen("apply", SHOP, "--to", url).returncode == 0
    arguments = ["--format", "sql"] if command == "plan" else []
    line = refused(schemagen(command, SHOP / "next", "--to", url, *arguments), "REFUSED")
    assert "--allow DROP_COLUMN:order.coupon" in line
    assert '"coupon"' in schemagen("inspect", url).stdout


def test_two_entities_of_one_name(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.json").write_text(json.dumps({"title": "Thing", "type": "object", "properties": {name: {"type": "integer"}}}))
    line = refused(schemagen("ddl", tmp_path / "a.json", tmp_path / "b.json", "--dialect", "ansi"), "NAME_CLASH")
    assert "rename" in line


def test_unknown_option_value_and_command() -> None:
    assert "expected one of" in refused(schemagen("ddl", ORDER, "--dialect", "ansi", "--enum", "maybe"), "USAGE")
    assert "did you mean" in refused(schemagen("ddl", ORDER, "--dialect", "ansi", "--set", "infer-kyes=true"), "USAGE")
    refused(schemagen("lod", ORDER), "USAGE")
    refused(schemagen("load", ORDER, "--to", "oracle://x/y"), "USAGE")


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (("--key", "id", "--key", "number"), "--key: two keys without an entity name; give --key id,number for one key"),
        (("--key", "Order=id", "--key", "x", "--key", "Order=a,b"), "--key: two keys of Order; give --key Order=id,a,b for one key"),
        (("--set", "fk"), "--set fk: needs a value: --set fk=ENTITY.a=ENTITY.b"),
        (("--set", "timestamp"), "--set timestamp: needs a value: --set timestamp=zoned|naive-utc"),
    ],
    ids=str,
)
def test_option_that_cannot_be_meant(options: tuple[str, ...], line: str) -> None:
    assert refused(schemagen("ddl", ORDER, "--dialect", "ansi", *options), "USAGE").startswith(f"USAGE: {line}")


def test_switch_needs_no_value_and_keys_of_entities_stand_side_by_side() -> None:
    arguments = ("--set", "sql-defaults", "--key", "Order=id", "--key", "Customer=id", "--key", "Order=id")
    assert schemagen("ddl", SHOP, "--dialect", "ansi", *arguments).returncode == 0


def test_help_of_every_command_has_an_example() -> None:
    overview = schemagen("--help").stdout
    for command in ("generate", "ddl", "plan", "apply", "check", "load", "dump", "inspect"):
        assert command in overview
        text = schemagen(command, "--help").stdout
        assert f"schemagen {command} " in text.split("Example:", 1)[1]
        for absent in ("--document", "--profile", "--overlay", "--allow-remote", "--workers", "--plan", ".zst"):
            assert absent not in text


def test_command_line_without_a_command_shows_the_help() -> None:
    done = schemagen()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == schemagen("--help").stdout


def test_no_output_of_an_interrupted_pipe_is_a_traceback(tmp_path: Path, postgresql_server: PostgresqlServer) -> None:
    done = schemagen("ddl", ORDER, "--dialect", "postgresql", "-o", tmp_path / "no" / "such.sql")
    refused(done, "NO_FILE")
