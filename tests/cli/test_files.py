"""A command loses none of its own inputs: an output that is one of them, by whatever path, is refused and nothing is changed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.run import refused, schemagen, shell

SCHEMA = {"title": "Thing", "type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
LOAD = ("load", "s.json", "d.jsonl", "--key", "id", "--to", "duckdb:///new.duckdb")
DUMP = ("dump", "s.json", "--key", "id", "--from", "duckdb:///old.duckdb")
DDL = ("ddl", "s.json", "--dialect", "ansi")
BY_SOURCES = ("ddl", "--dialect", "ansi")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with schemas that refer to each other, records, a database with a log, and links to them."""
    folder = tmp_path_factory.mktemp("files")
    (folder / "s.json").write_text(json.dumps(SCHEMA))
    (folder / "outer.json").write_text(json.dumps({**SCHEMA, "properties": {"id": {"$ref": "inner.json"}}}))
    (folder / "inner.json").write_text('{"type": "integer"}')
    (folder / "d.jsonl").write_text('{"id": 1}\n')
    for name in ("data", "schemas"):
        (folder / name).mkdir()
    (folder / "data" / "d.jsonl").write_text('{"id": 1}\n')
    (folder / "schemas" / "s.json").write_text(json.dumps(SCHEMA))
    (folder / "schemagen.toml").write_text('[[source]]\nschema = "s.json"\n')
    (folder / "clash.toml").write_text('[[source]]\nschema = "models.py"\noutput = "models.py"\n')
    (folder / "twice.toml").write_text('[[source]]\nschema = "s.json"\noutput = "a.py"\n' * 2)
    (folder / "mapped.toml").write_text('ref-map = ["https://x.test/i.json=inner.json"]\n')
    assert schemagen("generate", "s.json", "--key", "id", "-o", "models.py", cwd=folder).returncode == 0
    assert schemagen("load", "s.json", "d.jsonl", "--key", "id", "--to", "duckdb:///old.duckdb", cwd=folder).returncode == 0
    (folder / "old.duckdb.wal").touch()
    return folder


def prepare(made: Path, tmp_path: Path) -> Path:
    """A copy, with the links that a copy would follow."""
    folder = tmp_path / "work"
    shutil.copytree(made, folder)
    (folder / "hard.jsonl").hardlink_to(folder / "d.jsonl")
    (folder / "link.json").symlink_to("s.json")
    (folder / "linked.duckdb").symlink_to("old.duckdb")
    (folder / "here").symlink_to(".")
    return folder


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "s.json", "d.jsonl", "--rejects", "d.jsonl"),
        ("check", "s.json", "d.jsonl", "--rejects", "./d.jsonl"),
        ("check", "s.json", "d.jsonl", "--rejects", "hard.jsonl"),
        ("check", "s.json", "here/d.jsonl", "--rejects", "d.jsonl"),
        ("check", "s.json", "*.jsonl", "--rejects", "d.jsonl"),
        ("check", "s.json", "data", "--rejects", "data/../data/d.jsonl"),
        ("check", "s.json", "d.jsonl", "--rejects", "s.json"),
        ("check", "link.json", "d.jsonl", "--rejects", "s.json"),
        ("check", "outer.json", "d.jsonl", "--rejects", "inner.json"),
        ("check", "models.py", "d.jsonl", "--validate-with", "s.json", "--rejects", "s.json"),
        ("check", "models.py", "d.jsonl", "--rejects", "models.py"),
        ("check", "s.json", "d.jsonl", "--rejects", "schemagen.toml"),
        (*LOAD, "--rejects", "d.jsonl"),
        (*LOAD, "--rejects", "new.duckdb"),
        (*LOAD, "--rejects", "new.duckdb.wal"),
        (*LOAD, "--rejects", "here/new.duckdb"),
        (*LOAD, "--report", "s.json"),
        (*LOAD, "--report", "link.json"),
        (*LOAD, "--report", "new.duckdb"),
        (*LOAD, "--rejects", "new.jsonl", "--report", "here/new.jsonl"),
        ("load", "s.json", "d.jsonl", "--to", "duckdb:///d.jsonl"),
        ("apply", "s.json", "--to", "duckdb:///here/s.json"),
        (*DUMP, "-o", "old.duckdb"),
        (*DUMP, "-o", "old.duckdb.wal"),
        ("dump", "s.json", "--key", "id", "--from", "duckdb:///linked.duckdb", "-o", "old.duckdb.wal"),
        (*DUMP, "-o", "s.json"),
        (*DDL, "-o", "s.json"),
        ("ddl", "schemas", "--dialect", "ansi", "-o", "schemas/s.json"),
        ("ddl", "outer.json", "--dialect", "ansi", "-o", "inner.json"),
        ("ddl", "s.json", "--dialect", "ansi", "--ref-map", "https://x.test/i.json=inner.json", "-o", "inner.json"),
        (*BY_SOURCES, "-o", "s.json"),
        (*BY_SOURCES, "-o", "schemagen.toml"),
        ("ddl", "s.json", "--dialect", "ansi", "--config", "mapped.toml", "-o", "mapped.toml"),
        ("ddl", "s.json", "--dialect", "ansi", "--config", "mapped.toml", "-o", "inner.json"),
        ("generate", "s.json", "-o", "s.json"),
        ("generate", "models.py", "-o", "models.py"),
        ("generate", "--config", "clash.toml"),
        ("generate", "--config", "twice.toml"),
    ],
    ids=" ".join,
)
def test_output_that_is_an_input_or_another_output_is_refused(made: Path, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    folder = prepare(made, tmp_path)
    before = _contents(folder)
    assert "same file as" in refused(schemagen(*arguments, cwd=folder), "USAGE")
    assert _contents(folder) == before


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("check", "s.json", "d.jsonl", "--rejects", "bad.jsonl"), 0),
        (("check", "s.json", "data", "--rejects", "data/bad.txt"), 0),
        ((*LOAD, "--rejects", "/dev/null", "--report", "/dev/null"), 0),
        ((*LOAD, "--rejects", "bad.jsonl", "--report", "report.json"), 0),
        ((*DUMP, "-o", "d.jsonl"), 0),
        ((*DDL, "-o", "inner.json"), 0),
        ((*DDL, "-o", "-"), 0),
        (("generate", "s.json", "--key", "id", "-o", "models.py"), 0),
    ],
    ids=str,
)
def test_other_outputs_are_written(made: Path, tmp_path: Path, arguments: tuple[str, ...], code: int) -> None:
    folder = prepare(made, tmp_path)
    (folder / "old.duckdb.wal").unlink()
    for _ in range(2):
        done = schemagen(*arguments, cwd=folder)
        assert (done.returncode, done.stderr) == (code, "")


def test_file_that_is_standard_input_is_kept(made: Path, tmp_path: Path) -> None:
    folder = prepare(made, tmp_path)
    done = shell("schemagen check s.json - --format jsonl --rejects d.jsonl < d.jsonl", folder)
    assert "--rejects d.jsonl: is the same file as standard input" in refused(done, "USAGE")
    assert (folder / "d.jsonl").read_text() == '{"id": 1}\n'


@pytest.mark.parametrize("style", ["dataclass", "pydantic", "msgspec", "typeddict"])
def test_file_by_hand_is_not_replaced_by_generated_source(tmp_path: Path, style: str) -> None:
    (tmp_path / "s.json").write_text(json.dumps(SCHEMA))
    target = tmp_path / "mine.py"
    command = ("generate", "s.json", "--style", style, "-o", "mine.py")
    target.write_text("PRECIOUS = 1\n")
    assert "delete it, or choose another name" in refused(schemagen(*command, cwd=tmp_path), "REFUSED")
    assert target.read_text() == "PRECIOUS = 1\n"
    assert schemagen(*command, "--check", cwd=tmp_path).returncode == 1
    target.write_text("")
    for schema in (SCHEMA, {**SCHEMA, "required": []}):
        (tmp_path / "s.json").write_text(json.dumps(schema))
        done = schemagen(*command, cwd=tmp_path)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert schemagen(*command, "--check", cwd=tmp_path).returncode == 0


def _contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
