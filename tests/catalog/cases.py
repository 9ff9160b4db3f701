"""Reads case files: what goes in (`### schema OPTIONS` or `### python`), and the SQL that `### sql OPTIONS` gives."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from schemagen.catalog.relate import relate
from schemagen.document.read import document_from_text
from schemagen.model.make import make_module
from schemagen.model.reflect import module_from_file
from schemagen.options import BY_NAME, Options, apply_option
from schemagen.shape.compile import compile_model
from tests.conftest import ROOT

FOLDER = ROOT / "tests" / "cases"


@dataclass(frozen=True)
class Case:
    name: str
    about: tuple[str, ...]
    kind: str
    words: str
    text: str
    scripts: tuple[tuple[str, str], ...]
    source: str = ""


def read_case(path: Path) -> Case:
    head, *sections = re.split(r"(?m)^### ", path.read_text(encoding="utf-8"))
    parts = [section.partition("\n") for section in sections]
    scripts = tuple((title.removeprefix("sql").strip(), body.strip("\n")) for title, _, body in parts if title.startswith("sql"))
    source = next((body.strip("\n") for title, _, body in parts if title.startswith("source")), "")
    title, _, text = parts[0]
    kind, _, words = title.partition(" ")
    about = tuple(line.removeprefix("# ") for line in head.splitlines() if line.strip())
    return Case(path.stem, about, kind, words, text.strip("\n"), scripts, source)


def options_of(words: str) -> Options:
    """`key=id enum=type` as options; one that repeats is given twice."""
    options = Options()
    given: dict[str, list[str]] = {}
    for word in words.split():
        name, _, value = word.partition("=")
        given.setdefault(name, []).append(value)
    for name, values in given.items():
        assert name in BY_NAME, name
        options = apply_option(options, name, values, "case")
    return options


def module_of(case: Case) -> ModuleType:
    if case.kind == "schema":
        options = options_of(case.words).schema
        document = document_from_text(case.text, f"{case.name}.json", options)
        return make_module(compile_model([document], options).model, [document])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{case.name}.py"
        path.write_text(case.text, encoding="utf-8")
        return module_from_file(str(path))


def script(case: Case, words: str) -> str:
    return str(relate(module_of(case), options_of(words).generator))
