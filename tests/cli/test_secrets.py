"""A password is in no output, whatever goes wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.run import schemagen
from tests.conftest import ROOT

USER = ROOT / "schemas" / "users" / "user.json"
USERS = ROOT / "schemas" / "users" / "users.jsonl"
SECRET = "p@ss!w"


@pytest.mark.parametrize(
    "arguments",
    [
        ("plan", USER, "--to", "postgresql://me:p%40ss!w@127.0.0.1:1/x?ssl=disable"),
        ("plan", USER, "--to", "postgresql://me:p%40ss!w@127.0.0.1:1/x?ssl=disable", "--debug"),
        ("load", USER, USERS, "--to", "postgresql://me:p%40ss!w@127.0.0.1:1/x?ssl=disable", "--debug"),
        ("load", USER, USERS, "--to", "postgresql://me:p%40ss!w@127.0.0.1:port/x"),
        ("inspect", "postgresql://me:p%40ss!w@127.0.0.1:1/x?ssl=maybe"),
        ("inspect", "postgresql://me:p%40ss!w@127.0.0.1:1/x?password=p%40ss!w", "--debug"),
        ("inspect", "postgresql://me:p%40ss!w@[::1/x", "--debug"),
        ("inspect", "oracle://me:p%40ss!w@h/x"),
    ],
)
def test_password_of_the_url_is_never_shown(arguments: tuple[object, ...], tmp_path: Path) -> None:
    done = schemagen(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert SECRET not in done.stdout + done.stderr
    assert "p%40ss" not in done.stdout + done.stderr


def test_password_of_the_environment_is_used_and_never_shown(postgresql_password_server: tuple[str, str]) -> None:
    url = postgresql_password_server[0].replace(":right@", "@")
    done = schemagen("inspect", url, PGPASSWORD="right")
    assert done.returncode == 0, done.stderr
    assert "right" not in done.stdout + done.stderr


def test_typed_password_is_noted(postgresql_password_server: tuple[str, str]) -> None:
    done = schemagen("inspect", postgresql_password_server[0])
    assert done.returncode == 0
    assert "PGPASSWORD" in done.stderr


def test_password_that_is_typed_empty_is_not_noted(postgresql_url: str) -> None:
    done = schemagen("inspect", postgresql_url.replace("postgres@", "postgres:@"))
    assert (done.returncode, done.stderr) == (0, "")
