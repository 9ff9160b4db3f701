"""Emitted source: as a person would write it, and nothing but what was meant, whatever a schema says."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from schemagen.model.check_source import check_source
from schemagen.model.emit import emit_source, model_source
from schemagen.model.make import make_module
from schemagen.model.reflect import module_from_file, reflect
from schemagen.names import class_name, identifier
from schemagen.shape.facts import EntityFacts
from schemagen.shape.types import ClassShape, EnumMember, EnumRef, EnumShape, Field, Model, Str, Values
from tests.catalog.cases import FOLDER, Case, module_of, read_case
from tests.conftest import ROOT

CASES = [read_case(path) for path in sorted((FOLDER / "model").glob("*.case"))]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_source_is_as_in_the_case(case: Case, tmp_path: Path) -> None:
    module = module_of(case)
    source = emit_source(module)
    assert source == case.source + "\n"
    path = tmp_path / "models.py"
    path.write_text(source, encoding="utf-8")
    imported = module_from_file(str(path))
    assert reflect(imported) == reflect(module)
    assert emit_source(imported) == source


# What a schema's author might hope to see run: as names, descriptions, defaults, constants and file names.
PAYLOADS = (
    "__import__('os').system('id')",
    '"""\nimport os\n"""',
    "x\nimport os",
    "x\rimport os",
    "x\x0cimport os",
    "\u2028import os",
    '")\nimport os\n("',
    "\\",
    '\\"',
    "a'; import os; '",
    "{0.__class__}",
    "\u202eos tropmi\u2066",
    "\x00",
    "\ud800",
    "# type: ignore",
    "Any = open('/etc/passwd')",
)


def hostile(text: str) -> Model:
    name = identifier(text)
    enum = EnumShape("Kind", (EnumMember(name, text, text),), text)
    fields = (
        Field(name, text, text, Str(), default=text, doc=text),
        Field("kind", "kind", "kind", EnumRef("Kind"), required=False, not_null=False, default=text, doc=text),
        Field("const", text + "2", text, Values((text,)), required=False, nullable=True, not_null=False, default={text: [text]}),
    )
    facts = EntityFacts(text, (name,), f"#/{text}", ((name,),), (), text)
    return Model(text, (ClassShape(class_name(text), fields, facts, True, doc=text),), (enum,), text, text)


@pytest.mark.parametrize("text", PAYLOADS)
def test_hostile_text_stays_text(text: str) -> None:
    model = hostile(text)
    module = make_module(model)
    source = model_source(reflect(module))
    assert source.isascii() or all(c.isprintable() or c == "\n" for c in source)
    found = reflect(module).classes[0].fields[0]
    assert (found.json_name, found.default, found.column) == (text, text, text)


def test_import_of_hostile_source_does_what_that_of_a_harmless_one_does(tmp_path: Path) -> None:
    """Both run under an audit hook in a process of their own, which prints every event after the imports that both need."""
    program = """
import sys, dataclasses, enum, typing, builtins, datetime, decimal, uuid, ipaddress, json
import strong_typing.auxiliary, schemagen.model.annotations
from schemagen.model.reflect import module_from_file, reflect
events, on = [], False
sys.addaudithook(lambda name, args: events.append(name) if on else None)
seen = []
for path in sys.argv[1:]:
    events, on = [], True
    reflect(module_from_file(path))
    on = False
    seen.append(sorted(set(events)))
print(json.dumps(seen))
"""
    paths = []
    # The second has no docstring, so that dataclass writes one.
    for index, text in enumerate(("harmless", "", *PAYLOADS)):
        path = tmp_path / f"m{index}.py"
        path.write_text(emit_source(make_module(hostile(text))), encoding="utf-8")
        paths.append(str(path))
    result = subprocess.run([sys.executable, "-c", program, *paths], capture_output=True, text=True, check=True, cwd=ROOT)
    with_words, without, *others = json.loads(result.stdout)
    for text, events in zip(PAYLOADS, others, strict=True):
        assert set(events) <= {*with_words, *without}, text


@pytest.mark.parametrize(
    "line",
    [
        "import os",
        "from os import path",
        "from dataclasses import replace",
        "import builtins as b",
        "x = open('schemagen')",
        "def f(): pass",
        "class C(object): pass",
        "class A(metaclass=M): pass",
        "x = 1 if y else 2",
        "x = f'{y}'",
        "x = (lambda: 1)()",
        "x = A.b.c",
        "x = y.z",
        "x = 'another'",
        "exec",
        "@dataclass\ndef f(): pass",
        "x = [i for i in y]",
        "assert x",
    ],
)
def test_last_look_refuses_what_no_module_of_dataclasses_needs(line: str) -> None:
    check_source("class A: pass\nx: int = 'known'", {"known"}, frozenset({"A"}))
    with pytest.raises(ValueError, match="emitted source holds an unexpected"):
        check_source(line, {"known", "schemagen"}, frozenset({"A", "C"}))


def test_source_has_no_import_that_it_does_not_use() -> None:
    for case in CASES:
        source = emit_source(module_of(case))
        command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "F,E4,E7,E9", "--quiet", "-"]
        result = subprocess.run(command, input=source, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stdout


def test_same_model_gives_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    program = "import sys; from tests.catalog.cases import *; from schemagen.model.emit import emit_source\n" + (
        "sys.stdout.write(emit_source(module_of(read_case(FOLDER / 'model' / 'person.case'))))"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT, env={"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2")
    }
    assert texts == {read_case(FOLDER / "model" / "person.case").source + "\n"}


def test_names_of_the_file_alone_make_no_other_module() -> None:
    module = module_of(CASES[0])
    model = reflect(module)
    assert reflect(make_module(replace(model, name="other"))).name == "other"
