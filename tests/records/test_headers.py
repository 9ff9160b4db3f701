"""A header that names what is no property is refused in one line, which names the likely mistake."""

from __future__ import annotations

import pytest

from schemagen.errors import SchemagenError
from schemagen.sources.source import Format
from tests.records.make import Held, job_of, worked

TEXT = {"type": "string"}
SCHEMA = {"title": "t", "type": "object", "properties": {"id": {"type": "integer"}, "full name": TEXT, "note": TEXT}}
HEADERS: list[tuple[Format, str, str]] = [
    ("csv", " id,note", "did you mean 'id'?"),
    ("csv", "ID,note", "did you mean 'id'?"),
    ("csv", "Full  Name,note", "did you mean 'full name'?"),
    ("csv", "id,nots", "did you mean 'note'?"),
    ("csv", "id;note", "the file looks separated by ';', where CSV has ','"),
    ("csv", '"id";"note"', "the file looks separated by ';', where CSV has ','"),
    ("csv", "id\tnote", "the file looks separated by tabs, where CSV has ','; name it .tsv"),
    ("csv", "id|note", "the file looks separated by '|', where CSV has ','"),
    ("tsv", "id,note", "the file looks separated by ',', where TSV has tabs; name it .csv"),
    ("tsv", "ID;NOTE", "the file looks separated by ';', where TSV has tabs"),
]
PLAIN: list[tuple[Format, str]] = [("csv", "zip,id"), ("csv", "a;b"), ("tsv", "zip\tid"), ("csv", "id,note,ID")]


@pytest.mark.parametrize(("form", "header", "hint"), HEADERS)
def test_header_with_a_likely_mistake_names_it(form: Format, header: str, hint: str) -> None:
    with pytest.raises(SchemagenError) as raised:
        list(worked(job_of(SCHEMA), Held(f"{header}\n1\n".encode(), form)))
    assert str(raised.value).startswith("BAD_FILE: records:1: ")
    assert str(raised.value).endswith(hint)


@pytest.mark.parametrize(("form", "header"), PLAIN)
def test_header_without_a_likely_mistake_gets_no_hint(form: Format, header: str) -> None:
    with pytest.raises(SchemagenError, match=r"which is no property; expected some of id, full name, note$"):
        list(worked(job_of(SCHEMA), Held(f"{header}\n1\n".encode(), form)))
