"""Database URLs: what is none is shown with what was meant, and never with a password."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemagen.errors import SchemagenError
from schemagen.url import SCHEMES, parse_url

SECRET = "s3cr3t"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("w.duckdb", "USAGE: w.duckdb: is no database URL; did you mean duckdb:///w.duckdb?"),
        ("./data/w.db", "USAGE: ./data/w.db: is no database URL; did you mean duckdb:///./data/w.db?"),
        ("/tmp/w.duckdb", "USAGE: /tmp/w.duckdb: is no database URL; did you mean duckdb:////tmp/w.duckdb?"),
        ("100%.duckdb", "USAGE: 100%.duckdb: is no database URL; did you mean duckdb:///100%25.duckdb?"),
        ("W.SQLite3", "USAGE: W.SQLite3: is no database URL; did you mean sqlite:///W.SQLite3?"),
        ("duckdb:w.duckdb", "USAGE: duckdb:w.duckdb: is no database URL; did you mean duckdb:///w.duckdb?"),
        ("duckdb:/tmp/w", "USAGE: duckdb:/tmp/w: is no database URL; did you mean duckdb:////tmp/w?"),
        ("shop", "USAGE: shop: is no database URL; it begins with one of postgresql, "),
        ("duckdb", "USAGE: a database URL: is not a known kind of database URL; known: "),
        ("", "USAGE: a database URL: is not a known kind of database URL; known: "),
        ("oracle://x/y", "USAGE: oracle://: is not a known kind of database URL; known: "),
    ],
)
def test_what_is_no_database_url_is_shown_with_what_was_meant(text: str, line: str) -> None:
    with pytest.raises(SchemagenError) as caught:
        parse_url(text)
    assert str(caught.value).startswith(line)


@pytest.mark.parametrize("text", ["duckdb:///w.duckdb", "duckdb:////tmp/w.duckdb", "duckdb:///100%25.duckdb"])
def test_url_that_is_proposed_names_the_file(text: str) -> None:
    _, parameters = parse_url(text)
    assert parameters.database is not None
    with pytest.raises(SchemagenError, match="did you mean") as caught:
        parse_url(parameters.database)
    assert f"did you mean {text}?" in str(caught.value)


@given(
    st.sampled_from([*SCHEMES, "oracle", ""]),
    st.sampled_from(["://", ":/", ":", "//", ""]),
    st.sampled_from([f"me:{SECRET}@", f":{SECRET}@", f"me:{SECRET} ", f"password={SECRET} "]),
    st.sampled_from(["h/x", "[::1/x", "h:port/x", "h/x.duckdb", "h:1/x?ssl=maybe", f"h/x?password={SECRET}", f"h/x;password={SECRET}"]),
)
def test_error_of_a_broken_url_never_shows_the_password(scheme: str, separator: str, user: str, rest: str) -> None:
    assert SECRET not in _error(f"{scheme}{separator}{user}{rest}")


def _error(text: str) -> str:
    try:
        parse_url(text)
    except SchemagenError as error:
        return str(error)
    return ""
