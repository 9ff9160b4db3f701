"""What stands in generated/ is what schemagen makes of schemas/. `python -m tests.test_generated` writes it anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemagen import GeneratorOptions, create_script, emit_source, read_schema, relate
from schemagen.dialects.base import DIALECTS
from tests.conftest import ROOT

EXAMPLES = {
    "shop": ["schemas/shop/customer.json", "schemas/shop/order.json"],
    "users": ["schemas/users/user.json"],
    "events": ["schemas/events/event.json"],
}


def made(example: str) -> dict[Path, str]:
    """The files of one example, by path."""
    module = read_schema([ROOT / path for path in EXAMPLES[example]])
    folder = ROOT / "generated" / example
    files = {folder / "models.py": emit_source(module)}
    catalog = relate(module, GeneratorOptions())
    return files | {folder / f"{dialect}.sql": create_script(catalog, dialect) for dialect in DIALECTS}


@pytest.mark.parametrize("example", EXAMPLES)
def test_generated_files_are_as_schemagen_makes_them(example: str) -> None:
    for path, text in made(example).items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name}: run python -m tests.test_generated"


if __name__ == "__main__":
    for name in EXAMPLES:
        for path, text in made(name).items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
