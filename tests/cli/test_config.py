"""schemagen.toml: sources are re-made, and a configuration that was merely found is kept inside its folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.run import refused, schemagen

SCHEMA = {"title": "Thing", "type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with a schema and a configuration of one source."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "thing.json").write_text(json.dumps(SCHEMA))
    (folder / "schemagen.toml").write_text('[[source]]\nschema = "thing.json"\noutput = "models.py"\nkey = ["id"]\n')
    return folder


def test_generate_without_schema_makes_every_source_and_check_keeps_it(project: Path) -> None:
    assert schemagen("generate", "--check", cwd=project).returncode == 1
    assert schemagen("generate", cwd=project).returncode == 0
    first = (project / "models.py").read_bytes()
    assert b"PrimaryKey[int]" in first
    assert schemagen("generate", "--check", cwd=project).returncode == 0
    assert schemagen("generate", cwd=project).returncode == 0
    assert (project / "models.py").read_bytes() == first
    (project / "thing.json").write_text(json.dumps({**SCHEMA, "properties": {"id": {"type": "integer"}, "note": {"type": "string"}}}))
    done = schemagen("generate", "--check", cwd=project)
    assert (done.returncode, done.stdout) == (1, "models.py: would change\n")
    assert (project / "models.py").read_bytes() == first


def test_generate_tells_which_files_of_sources_it_wrote(project: Path) -> None:
    with (project / "schemagen.toml").open("a") as stream:
        stream.write('[[source]]\nschema = "thing.json"\noutput = "more.py"\nkey = ["id"]\n')
    assert schemagen("generate", "--check", cwd=project).stderr == ""
    done = schemagen("generate", cwd=project)
    assert (done.stdout, done.stderr) == ("", "wrote models.py\nwrote more.py\n")
    (project / "models.py").unlink()
    assert schemagen("generate", cwd=project).stderr == "wrote models.py\nunchanged more.py\n"


def test_tables_of_all_sources_are_planned(project: Path) -> None:
    assert 'CREATE TABLE "thing"' in schemagen("ddl", "--dialect", "ansi", cwd=project).stdout


def test_command_line_wins(project: Path) -> None:
    (project / "schemagen.toml").write_text('namespace = "one"\n[[source]]\nschema = "thing.json"\n')
    assert '"one"."thing"' in schemagen("ddl", "--dialect", "ansi", cwd=project).stdout
    assert '"two"."thing"' in schemagen("ddl", "--dialect", "ansi", "--namespace", "two", cwd=project).stdout


def test_named_configuration_has_paths_relative_to_its_file(project: Path, tmp_path: Path) -> None:
    assert schemagen("generate", "--config", project / "schemagen.toml", cwd=tmp_path).returncode == 0
    assert (project / "models.py").is_file()


@pytest.mark.parametrize(
    ("text", "kind", "key"),
    [
        ('output = "../x.py"', "REFUSED", "output"),
        ('output = ".git/x.py"', "REFUSED", "output"),
        ('output = "x.sh"', "REFUSED", "output"),
        ('output = "hand.py"', "REFUSED", "output"),
        ('output = "link.py"', "REFUSED", "output"),
        ('ref-map = ["https://x/=/etc"]', "REFUSED", "ref-map"),
        ('schema = ["evil.py"]', "REFUSED", "schema"),
        ('schema = ["../other.json"]', "REFUSED", "schema"),
        ('to = "duckdb:///x"', "USAGE", "to"),
        ('password = "x"', "USAGE", "password"),
        ('allow = ["*:*"]', "USAGE", "allow"),
        ('mode = "insert"', "USAGE", "mode"),
        ('key = ["id", "note"]', "USAGE", "key: two keys without an entity name; give id,note for one key"),
        ('key = ["Thing=id", "Thing=note"]', "USAGE", "key: two keys of Thing; give Thing=id,note for one key"),
        ("allow-empty-drops = true", "REFUSED", "allow-empty-drops"),
        ('enum = "maybe"', "USAGE", "enum"),
        ("strict = 1.5", "USAGE", "strict"),
    ],
)
def test_found_configuration_may_not(project: Path, tmp_path: Path, text: str, kind: str, key: str) -> None:
    (project / "hand.py").write_text("# by hand\n")
    (project / "link.py").symlink_to(project / "models.py")
    (project / "evil.py").write_text("open('ran', 'w')\n")
    (tmp_path / "other.json").write_text(json.dumps(SCHEMA))
    schema = "" if text.startswith("schema") else 'schema = "thing.json"\n'
    (project / "schemagen.toml").write_text(f"[[source]]\n{schema}{text}\n")
    before = {path: path.read_bytes() for path in project.iterdir() if path.is_file()}
    assert key in refused(schemagen("generate", cwd=project), kind)
    assert {path: path.read_bytes() for path in project.iterdir() if path.is_file()} == before


def test_broken_configuration_is_one_line(project: Path) -> None:
    (project / "schemagen.toml").write_text("[[source\n")
    assert "schemagen.toml" in refused(schemagen("generate", cwd=project), "USAGE")


def test_pyproject_has_a_table_for_it(project: Path) -> None:
    text = (project / "schemagen.toml").read_text().replace("[[source]]", "[[tool.schemagen.source]]")
    (project / "schemagen.toml").unlink()
    (project / "pyproject.toml").write_text(text)
    assert schemagen("generate", cwd=project).returncode == 0
    assert (project / "models.py").is_file()


def test_folder_of_schemas_runs_no_python(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(SCHEMA))
    (tmp_path / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    assert schemagen("ddl", tmp_path, "--dialect", "ansi").returncode == 0
    assert not (tmp_path / "ran").exists()
