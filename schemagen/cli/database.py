"""The database that a URL names: what is said where its file, its folder or a namespace of it is not there."""

from __future__ import annotations

import os

from schemagen.catalog.objects import Catalog
from schemagen.cli.files import database_path
from schemagen.dialects.base import LIVE_DIALECTS
from schemagen.engine.connection import Connection
from schemagen.engine.explorer import Explorer
from schemagen.errors import SchemagenError
from schemagen.url import parse_url

# What drivers call "" in a catalog, the session's own namespace, where it has one name on every server.
_OWN = {"duckdb": "main"}


def require_database(url: str, *, there: bool) -> None:
    """Raises SchemagenError NO_CONNECTION where the folder of a database file is not there, NO_FILE where the file should be and is not.

    `there` False: the file may be made, or stands for an empty database.
    """
    dialect = parse_url(url)[0]
    path = database_path(url)
    if path is None or dialect not in LIVE_DIALECTS or os.path.lexists(path):
        return
    folder, meant = os.path.dirname(os.path.abspath(path)), f"/{path}"
    lost = not os.path.isdir(folder)
    hint = ""
    if not os.path.isabs(path) and (os.path.exists(meant) or (lost and os.path.isdir(os.path.dirname(meant)))):
        hint = f"; {dialect}:///{path} is relative to the current folder, {dialect}:///{meant} is absolute"
    if lost:
        raise SchemagenError("NO_CONNECTION", path, f"the folder {folder} does not exist{hint}")
    if there:
        raise SchemagenError("NO_FILE", path, f"there is no such database file{hint}")


async def inspect_namespaces(connection: Connection, names: tuple[str, ...]) -> Catalog:
    """The live catalog of the namespaces, of all that are no system's where none is named.

    Raises SchemagenError USAGE for one that is not there.
    """
    explorer = Explorer(connection)
    if not names:
        return await explorer.inspect()
    own = _OWN.get(connection.dialect.name)
    wanted = tuple("" if name == own else name for name in names)
    catalog = await explorer.inspect(wanted)
    found = {item.name for item in catalog.namespaces}
    missing = next((name for name in wanted if name not in found), None)
    if missing is None:
        return catalog
    known = [item.name or own for item in (await explorer.inspect()).namespaces]
    raise SchemagenError(
        "USAGE", f"--namespace {missing}", f"there is no such namespace; the database has: {', '.join(filter(None, known))}"
    )
