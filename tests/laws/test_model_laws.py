"""Laws of models: a module, its source and its reflection say the same."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import types
from pathlib import Path
from typing import get_type_hints

from hypothesis import HealthCheck, given, settings

from schemagen.model import docs
from schemagen.model.emit import emit_source
from schemagen.model.make import make_module
from schemagen.model.reflect import module_from_file, reflect
from schemagen.shape.types import Model
from tests.laws.models import docs as descriptions
from tests.laws.models import models, texts

relaxed = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)


def imported(source: str, folder: Path) -> types.ModuleType:
    path = folder / "models.py"
    path.write_text(source, encoding="utf-8")
    return module_from_file(str(path))


@relaxed
@given(models())
def test_module_reflects_to_its_model(model: Model) -> None:
    module = make_module(model)
    assert reflect(module) == model
    assert make_module(model) is module


@relaxed
@given(models())
def test_emitted_source_gives_an_equal_module_and_the_same_bytes(tmp_path: Path, model: Model) -> None:
    source = emit_source(make_module(model))
    module = imported(source, tmp_path)
    assert reflect(module) == model
    assert emit_source(module) == source


@relaxed
@given(models())
def test_type_hints_resolve_and_every_field_is_there(tmp_path: Path, model: Model) -> None:
    made = make_module(model)
    for module in (made, imported(emit_source(made), tmp_path)):
        for shape in model.classes:
            cls = getattr(module, shape.name)
            names = {item.name for item in dataclasses.fields(cls)}
            assert names <= set(get_type_hints(cls, include_extras=True))
            assert {item.name for item in shape.fields} <= names
        for enumeration in model.enums:
            assert [member.value for member in getattr(module, enumeration.name)] == [member.value for member in enumeration.members]


@relaxed
@given(texts)
def test_tidy_changes_nothing_twice(text: str) -> None:
    assert docs.tidy(docs.tidy(text)) == docs.tidy(text)


@relaxed
@given(descriptions, descriptions, descriptions)
def test_docstring_splits_into_what_it_was_composed_of(head: str | None, first: str | None, second: str | None) -> None:
    notes = {"a": first, "b_c": second}
    expected = {name: note for name, note in notes.items() if note}
    assert docs.split(docs.compose(head, notes)) == (head, expected)


def test_ruff_has_nothing_to_change_in_emitted_source(tmp_path: Path) -> None:
    found: list[str] = []

    @settings(deadline=None, max_examples=60, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(models())
    def collect(model: Model) -> None:
        found.append(emit_source(make_module(model)))

    collect()
    for index, source in enumerate(dict.fromkeys(found)):
        (tmp_path / f"m{index}.py").write_text(source, encoding="utf-8")
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length", "120", "--diff", str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout[:3000]
