"""What the README shows is what comes out. `python -m tests.test_readme` writes the outputs and the table of dialects anew."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from schemagen.dialects.base import DIALECTS, LIVE_DIALECTS, dialect_named
from schemagen.options import OPTIONS
from tests.conftest import ROOT

README = ROOT / "README.md"
BLOCK = re.compile(r"(?:^`(?P<file>[\w./-]+)`:\n\n)?^```(?P<kind>\w+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
TABLE = re.compile(r"(<!-- dialects -->\n).*?(<!-- /dialects -->)", re.DOTALL)
OPTION_TABLE = re.compile(r"(<!-- options -->\n).*?(<!-- /options -->)", re.DOTALL)
# Seconds differ from run to run, versions of embedded servers from one installation to the next.
VARYING = re.compile(r"\d+\.\d+ s\b|\b(duckdb|sqlite) \d+\.\d+\.\d+")


def play(text: str, folder: Path) -> str:
    """The README with the files of its blocks written into `folder`, its commands run there, and their outputs put in."""

    def replace(block: re.Match[str]) -> str:
        if block["file"]:
            (folder / block["file"]).write_text(block["body"], encoding="utf-8")
            return block[0]
        if block["kind"] == "python":
            (folder / "script.py").write_text(block["body"], encoding="utf-8")
            done = run(f"{sys.executable} script.py && echo ran", folder)
            assert done.endswith("ran\n"), done
        if block["kind"] != "console":
            return block[0]
        lines = []
        for command in re.findall(r"^\$ (.+)$", block["body"], re.MULTILINE):
            lines += [f"$ {command}", *run(command, folder).splitlines()]
        return "```console\n" + "\n".join(lines) + "\n```"

    return BLOCK.sub(replace, text)


def run(command: str, folder: Path) -> str:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "100"}
    done = subprocess.run(command, shell=True, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.stdout


def dialect_table() -> str:
    """What each dialect can do, from its traits."""
    rows = ["| | " + " | ".join(DIALECTS) + " |", "|---" * (len(DIALECTS) + 1) + "|"]
    traits = {name: dialect_named(name).traits(dialect_named(name).assumed_server) for name in DIALECTS}
    servers = {name: dialect_named(name).assumed_server for name in DIALECTS}

    def row(title: str, cells: dict[str, str]) -> None:
        rows.append(f"| {title} | " + " | ".join(cells[name] for name in DIALECTS) + " |")

    def mark(reason: str) -> str:
        return "no" if reason else "yes"

    row("CREATE script (`ddl`), plan without a database (`plan --from`)", dict.fromkeys(DIALECTS, "yes"))
    row("live: `plan`, `apply`, `load`, `dump`, `inspect`", {name: "yes" if name in LIVE_DIALECTS else "no" for name in DIALECTS})
    row("scripts are for", {name: f"{servers[name].flavor} {'.'.join(map(str, servers[name].version))}".strip() for name in DIALECTS})
    row("DDL rolls back", {name: "yes" if traits[name].transactional_ddl else "no" for name in DIALECTS})
    row("SQL schemas (else `a.b` is stored as `a__b`)", {name: "yes" if traits[name].namespaces else "no" for name in DIALECTS})
    row("`--enum type`", {name: mark(traits[name].enum_types) for name in DIALECTS})
    row("`--struct type`", {name: mark(traits[name].struct_types) for name in DIALECTS})
    row("native arrays (else JSON)", {name: mark(traits[name].arrays) for name in DIALECTS})
    row("comments", {name: "yes" if traits[name].comments else "no" for name in DIALECTS})
    row("keeps constraint names", {name: "yes" if traits[name].named_constraints else "no" for name in DIALECTS})
    for kind, title in (("AddColumn", "add a column"), ("AlterColumnType", "change a type"), ("AddConstraint", "add a constraint")):
        row(title, {name: "rebuild" if traits[name].in_place(kind) else "in place" for name in DIALECTS})
    return "\n".join(rows) + "\n"


def option_table() -> str:
    """Every option, from the table that the command line and the configuration are made of."""
    rows = ["| option | value | what it decides |", "|---|---|---|"]
    for option in OPTIONS:
        value = option.metavar.replace("|", "\\|") or "true, false"
        name = f"`--{option.name}`" if option.flag else f"`{option.name}`"
        rows.append(f"| {name} | {value}{' (repeatable)' if option.many else ''} | {option.help} |")
    return "\n".join(rows) + "\n"


def played(text: str, folder: Path) -> str:
    text = TABLE.sub(lambda found: f"{found[1]}{dialect_table()}{found[2]}", play(text, folder))
    return OPTION_TABLE.sub(lambda found: f"{found[1]}{option_table()}{found[2]}", text)


def test_readme_shows_what_comes_out(tmp_path: Path) -> None:
    text = README.read_text(encoding="utf-8")
    assert VARYING.sub("…", played(text, tmp_path)) == VARYING.sub("…", text)


def test_readme_names_the_two_commands() -> None:
    text = README.read_text(encoding="utf-8")
    assert "make demo" in text
    assert "make test" in text


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        README.write_text(played(README.read_text(encoding="utf-8"), Path(name)), encoding="utf-8")
