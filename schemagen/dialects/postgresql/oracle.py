"""The server's own text about tables, for a check that shares no code with inspect and diff."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import replace

from schemagen.catalog.objects import Column, ForeignKey, Table, Unique
from schemagen.catalog.types import ObjectId
from schemagen.dialects.base import Session
from schemagen.dialects.postgresql.ddl import change_sql, create_table
from schemagen.dialects.postgresql.session import PostgresqlSession, postgresql
from schemagen.plan.changes import AddConstraint
from schemagen.sql import Sql, ident

_AT_ONCE = 500


async def oracle(session: Session, tables: tuple[Table, ...], *, copy: bool = False) -> str:
    """A line for each column, constraint, index and comment of the tables, sorted.

    With `copy`: of tables made from these values in schemas with random names, rolled back, their names mapped back.
    """
    server = postgresql(session)
    lines: list[str] = []
    for start in range(0, len(tables), _AT_ONCE):
        part = tables[start : start + _AT_ONCE]
        lines += await (_of_copies(server, part) if copy else _printed(server, [table.id for table in part]))
    return "\n".join(sorted(lines))


async def _printed(server: PostgresqlSession, ids: Iterable[ObjectId]) -> list[str]:
    async with server.transaction():
        return await _lines(server, ids)


async def _lines(server: PostgresqlSession, ids: Iterable[ObjectId]) -> list[str]:
    """What the server says with an empty search_path, so that every name is qualified; that path is put back."""
    names = list(ids)
    [(path,)] = await server.fetch(Sql("SELECT pg_catalog.current_setting('search_path')"))
    await server.run(_SET_PATH, "")
    rows, _ = await server.run(_LINES, [id.namespace or server.own for id in names], [id.name for id in names])
    await server.run(_SET_PATH, path)
    return [line for (line,) in rows]


async def _of_copies(server: PostgresqlSession, tables: tuple[Table, ...]) -> list[str]:
    async with server.rolled_back():
        spaces = sorted({id.namespace for table in tables for id in (table.id, *(key.target for key in table.foreign_keys))})
        tokens = {name: f"schemagen_{secrets.token_hex(8)}" for name in spaces}
        for token in tokens.values():
            await server.execute(Sql("CREATE SCHEMA {}", ident(token)))
        copies = [_copy(table, tokens) for table in tables]
        made = {table.id for table in copies}
        stand_ins = {key.target: key for table in copies for key in table.foreign_keys if key.target not in made}
        for table in copies:
            for statement in create_table(replace(table, seed=None), foreign_keys=False):
                await server.execute(statement)
        for id in stand_ins:
            for statement in create_table(_stand_in(id, copies)):
                await server.execute(statement)
        for table in copies:
            for key in table.foreign_keys:
                for statement in change_sql(AddConstraint(table.id, key)):
                    await server.execute(statement)
        lines = await _lines(server, [table.id for table in copies])
        names = await _printed_names(server, tokens)
    return [_mapped_back(line, names) for line in lines]


def _copy(table: Table, tokens: Mapping[str, str]) -> Table:
    """The table in its random schema; its foreign keys lead to copies only, so that no live table is locked."""
    constraints = tuple(
        replace(item, target=_moved(item.target, tokens)) if isinstance(item, ForeignKey) else item for item in table.constraints
    )
    return replace(table, id=_moved(table.id, tokens), constraints=constraints)


def _moved(id: ObjectId, tokens: Mapping[str, str]) -> ObjectId:
    return ObjectId(id.kind, tokens[id.namespace], id.name)


def _stand_in(id: ObjectId, copies: Iterable[Table]) -> Table:
    """A table with just the columns that foreign keys to it name."""
    keys = [(table, key) for table in copies for key in table.foreign_keys if key.target == id]
    columns = {
        theirs: Column(theirs, table.column(mine).type)
        for table, key in keys
        for mine, theirs in zip(key.columns, key.target_columns, strict=True)
    }
    uniques = dict.fromkeys(key.target_columns for _, key in keys)
    return Table(id, tuple(columns.values()), tuple(Unique(names) for names in uniques))


async def _printed_names(server: PostgresqlSession, tokens: Mapping[str, str]) -> dict[str, str]:
    """Each random schema's real name as the server prints it."""
    rows, _ = await server.run(
        Sql("SELECT token, pg_catalog.quote_ident(name) FROM unnest($1::text[], $2::text[]) AS u (token, name)"),
        list(tokens.values()),
        [name or server.own for name in tokens],
    )
    return {str(token): str(name) for token, name in rows}


def _mapped_back(line: str, names: Mapping[str, str]) -> str:
    for token, name in names.items():
        line = line.replace(token, name)
    return line


_SET_PATH = Sql("SELECT pg_catalog.set_config('search_path', $1::text, true)")
_LINES = Sql("""
WITH wanted AS (
    SELECT c.oid, pg_catalog.format('%I.%I', n.nspname, c.relname) AS name
    FROM unnest($1::text[], $2::text[]) AS u (namespace, name)
    JOIN pg_catalog.pg_namespace AS n ON n.nspname = u.namespace
    JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = u.name)
SELECT pg_catalog.format('%s column %I %s%s%s%s%s', w.name, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod),
    CASE WHEN a.attnotnull THEN ' not null' END,
    CASE a.attidentity WHEN 'a' THEN ' identity always' WHEN 'd' THEN ' identity by default' END,
    ' default ' || pg_catalog.pg_get_expr(d.adbin, d.adrelid),
    ' collate ' || nullif(a.attcollation, t.typcollation)::pg_catalog.regcollation::text)
FROM wanted AS w
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = w.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = w.oid AND d.adnum = a.attnum
UNION ALL
SELECT pg_catalog.format('%s constraint %I %s', w.name, o.conname, pg_catalog.pg_get_constraintdef(o.oid))
FROM wanted AS w JOIN pg_catalog.pg_constraint AS o ON o.conrelid = w.oid WHERE o.contype <> 'n'
UNION ALL
SELECT pg_catalog.format('%s index %s', w.name, pg_catalog.pg_get_indexdef(i.indexrelid))
FROM wanted AS w JOIN pg_catalog.pg_index AS i ON i.indrelid = w.oid
UNION ALL
SELECT pg_catalog.format('%s comment %s %s', w.name, pg_catalog.quote_ident(a.attname), d.description)
FROM wanted AS w
JOIN pg_catalog.pg_description AS d ON d.objoid = w.oid AND d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass
LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = w.oid AND a.attnum = d.objsubid AND d.objsubid > 0""")
