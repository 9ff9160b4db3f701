"""Pointers and URIs survive their escapes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemagen.document.uris import decoded_fragment, encoded, encoded_pointer, join, parents
from schemagen.jsontext import pointer_of, tokens


@given(st.lists(st.text(max_size=6), max_size=4))
@settings(deadline=None)
def test_pointer_gives_its_tokens_back(parts: list[str]) -> None:
    assert tokens(pointer_of(*parts)) == parts


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=6), max_size=4))
@settings(deadline=None)
def test_pointer_survives_a_fragment(parts: list[str]) -> None:
    pointer = pointer_of(*parts)
    assert decoded_fragment(encoded_pointer(pointer)) == pointer


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
@settings(deadline=None)
def test_encoding_twice_changes_nothing(uri: str) -> None:
    assert encoded(encoded(uri)) == encoded(uri)
    assert encoded(uri).isascii()


@pytest.mark.parametrize(
    ("base", "reference", "joined"),
    [
        ("https://x.test/a/b.json", "c.json#/d", "https://x.test/a/c.json#/d"),
        ("https://x.test", "c.json", "https://x.test/c.json"),
        ("schemagen:///stdin", "b.json", "schemagen:///b.json"),
        ("file:///s/a.json", "/etc/passwd", "file:///etc/passwd"),
        ("file:///s/a.json", "../b.json", "file:///b.json"),
        ("urn:example:a", "#/b", "urn:example:a#/b"),
        ("urn:example:a#x", "", "urn:example:a"),
        ("https://x.test/a#f", "#g", "https://x.test/a#g"),
        ("https://x.test/a", "urn:example:b", "urn:example:b"),
    ],
)
def test_reference_is_joined_to_its_base(base: str, reference: str, joined: str) -> None:
    assert join(base, reference) == joined


def test_parents_of_a_pointer_end_at_the_root() -> None:
    assert parents("/a/b~1c") == ["/a/b~1c", "/a", ""]
    assert parents("") == [""]
