"""Staged rows that the table would refuse, found before the merge: DuckDB has no savepoints, so an error would lose the transaction."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemagen.catalog.batch import Mode, RowReject
from schemagen.catalog.expressions import columns_of, expression_sql
from schemagen.catalog.objects import Check, ForeignKey
from schemagen.dialects.common import table_ident
from schemagen.dialects.duckdb.session import fetch
from schemagen.dialects.duckdb.staged import Staged, differs, equal, in_table, s, same_key, t
from schemagen.sql import Ident, Sql, ident, join, lit

Key = tuple[str | None, ...]


def refuse(work: Staged, mode: Mode) -> None:
    """Takes them out of the staged rows, as rejects."""
    for name in work.key:
        work.reject("KEY_NULL", f'the key column "{name}" is NULL', Sql("{} IS NULL", s(name)))
    if mode is Mode.DELETE:
        _refuse_referenced(work)
        return
    _refuse_nulls(work)
    _refuse_by_checks(work)
    _refuse_orphans(work)
    if mode is Mode.INSERT and work.key and not work.uniques:
        _refuse_known_keys(work)
    elif work.uniques:
        _refuse_by_uniques(work, mode)
        if mode is Mode.INSERT and work.key:
            _refuse_known_keys(work)
    if mode is Mode.UPSERT:
        _refuse_rewrites(work)


def _refuse_nulls(work: Staged) -> None:
    required = [column for column in work.table.columns if not column.nullable and column.name not in work.key]
    for column in required:
        message = f'column "{column.name}" admits no NULL'
        if column.name in work.columns:
            work.reject("CONSTRAINT", message, Sql("{} IS NULL", s(column.name)))
        elif column.default is None and column.identity is None:
            work.reject("CONSTRAINT", message, Sql("NOT {}", in_table(work)) if work.key else Sql("true"))


def _refuse_by_checks(work: Staged) -> None:
    for item in work.table.constraints:
        if isinstance(item, Check) and set(columns_of(item.expr)) <= set(work.written):
            work.reject("CONSTRAINT", f"the check {expression_sql(item.expr)} does not hold", Sql("NOT ({})", expression_sql(item.expr)))


def _refuse_orphans(work: Staged) -> None:
    """Rows whose foreign key leads nowhere; of a table that refers to itself again, as each reject may be another's parent."""
    keys = [key for key in work.table.foreign_keys if set(key.columns) <= set(work.written)]
    while sum(work.reject("FK_ORPHAN", _orphan(key), _is_orphan(work, key)) for key in keys):
        if not any(key.target == work.table.id for key in keys):
            return


def _orphan(key: ForeignKey) -> str:
    return f'no row of "{key.target}" has {_listed(key.target_columns)} equal to {_listed(key.columns)}'


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _is_orphan(work: Staged, key: ForeignKey) -> Sql:
    pairs = list(zip(key.columns, key.target_columns, strict=True))
    present = join(" AND ", [Sql("{} IS NOT NULL", s(mine)) for mine, _ in pairs])
    parents = [table_ident(key.target)] + ([work.stage] if key.target == work.table.id else [])
    absent = [Sql("NOT EXISTS (SELECT 1 FROM {} AS {} WHERE {})", parent, ident("t"), _points(pairs)) for parent in parents]
    return join(" AND ", [present, *absent])


def _points(pairs: list[tuple[str, str]]) -> Sql:
    return equal([(t(theirs), s(mine)) for mine, theirs in pairs])


def _refuse_known_keys(work: Staged) -> None:
    """INSERT mode: keys that are in the table, or came earlier."""
    keys = _listed(work.key)
    work.reject("DUPLICATE_KEY", f"a row with the same key ({keys}) is there already", in_table(work))
    names = join(", ", [ident(name) for name in work.key])
    first = Sql("SELECT {0}, min({1}) AS {1} FROM {2} GROUP BY {0}", names, ident(work.seq), work.stage)
    earlier = Sql("{} AND {} < {}", same_key(work.key), t(work.seq), s(work.seq))
    condition = Sql("EXISTS (SELECT 1 FROM ({}) AS {} WHERE {})", first, ident("t"), earlier)
    work.reject("DUPLICATE_KEY", f"a record with the same key ({keys}) came earlier", condition)


# Unique constraints beside the key. Whether a value is free depends on the order of records, so those that share one are walked through.


def _refuse_by_uniques(work: Staged, mode: Mode) -> None:
    if not any(fetch(work.connection, query) for columns in work.uniques for query in _shared(work, columns)):
        return
    bad = list(_walk(work, mode))
    work.rejects.extend(bad)
    if bad:
        numbers = join(", ", [lit(item.seq) for item in bad])
        work.run(Sql("DELETE FROM {} WHERE {} IN ({})", work.stage, ident(work.seq), numbers))


def _shared(work: Staged, columns: tuple[str, ...]) -> Iterator[Sql]:
    """Queries with a row where a unique value is staged for two keys, or stands in the table under another."""
    names = join(", ", [s(name) for name in columns])
    present = join(" AND ", [Sql("{} IS NOT NULL", s(name)) for name in columns])
    owner = Sql("({})", join(", ", [s(name) for name in work.key])) if work.key else Sql("{}", s(work.seq))
    yield Sql(
        "SELECT 1 FROM {} AS {} WHERE {} GROUP BY {} HAVING count(DISTINCT {}) > 1 LIMIT 1", work.stage, ident("s"), present, names, owner
    )
    another = Sql(" AND NOT ({})", same_key(work.key)) if work.key else Sql("")
    yield Sql(
        "SELECT 1 FROM {} AS {}, {} AS {} WHERE {}{} LIMIT 1", work.target, ident("t"), work.stage, ident("s"), same_key(columns), another
    )


def _walk(work: Staged, mode: Mode) -> Iterator[RowReject]:
    """Record by record, as if each were written when it came."""
    owner: list[dict[Key, Key]] = [{} for _ in work.uniques]
    held: dict[Key, list[Key]] = {}

    def hold(key: Key, values: list[Key]) -> None:
        for place, value in enumerate(held.pop(key, [])):
            owner[place].pop(value, None)
        held[key] = values
        for place, value in enumerate(values):
            if None not in value:
                owner[place][value] = key

    for number, row in enumerate(fetch(work.connection, _rows(work, work.target, "t", _of_interest(work)))):
        key, values = _split(work, row)
        hold(key if work.key else (f"row {number}",), values)
    for seq, *rest in fetch(work.connection, Sql("{} ORDER BY {}", _rows(work, work.stage, "s", None), s(work.seq))):
        key, values = _split(work, rest)
        key = key if work.key else (f"record {seq}",)
        if mode is Mode.INSERT and key in held:
            continue  # A duplicate key, which is told apart later.
        clash = next((place for place, value in enumerate(values) if None not in value and owner[place].get(value, key) != key), None)
        if clash is None:
            hold(key, values)
        else:
            yield RowReject(int(seq), "CONSTRAINT", f"another row has the same {_listed(work.uniques[clash])}, which is unique")


def _rows(work: Staged, source: Ident, alias: str, condition: Sql | None) -> Sql:
    """The key and unique values of rows, as text; their number before those that are staged."""
    names = [name for columns in (work.key, *work.uniques) for name in columns]
    values = [Sql("CAST({} AS VARCHAR)", ident(alias, name)) for name in names]
    if alias == "s":
        values.insert(0, Sql("{}", s(work.seq)))
    query = Sql("SELECT {} FROM {} AS {}", join(", ", values), source, ident(alias))
    return query if condition is None else Sql("{} WHERE {}", query, condition)


def _of_interest(work: Staged) -> Sql:
    """Rows of the table that have a key or a unique value that is staged."""
    kinds = [columns for columns in (work.key, *work.uniques) if columns]
    parts = [Sql("EXISTS (SELECT 1 FROM {} AS {} WHERE {})", work.stage, ident("s"), same_key(columns)) for columns in kinds]
    return join(" OR ", parts)


def _split(work: Staged, row: Any) -> tuple[Key, list[Key]]:
    values = list(row)
    key = tuple(values[: len(work.key)])
    parts, place = [], len(work.key)
    for columns in work.uniques:
        parts.append(tuple(values[place : place + len(columns)]))
        place += len(columns)
    return key, parts


# Rows that others refer to.


def _refuse_referenced(work: Staged) -> None:
    """DELETE mode: rows of the table that others refer to."""
    for other, theirs, ours in work.inbound:
        work.reject("FK_ORPHAN", f"a row of {_shown(other)} refers to it", _referenced(work, other, theirs, ours, Sql("true")))


def _refuse_rewrites(work: Staged) -> None:
    """UPSERT mode: rows that others refer to, of which a column changes that DuckDB writes by deleting the row."""
    touchy = tuple(name for name in work.values if name in work.touchy)
    for other, theirs, ours in work.inbound if touchy else ():
        message = f"DuckDB cannot change {_listed(touchy)} of a row to which a row of {_shown(other)} refers"
        work.reject("CONSTRAINT", message, _referenced(work, other, theirs, ours, differs(touchy)))


def _referenced(work: Staged, other: Ident, theirs: tuple[str, ...], ours: tuple[str, ...], condition: Sql) -> Sql:
    points = equal([(ident("c", name), t(own)) for name, own in zip(theirs, ours, strict=True)])
    children = Sql("EXISTS (SELECT 1 FROM {} AS {} WHERE {})", other, ident("c"), points)
    found = Sql("{} AND {} AND {}", same_key(work.key), condition, children)
    return Sql("EXISTS (SELECT 1 FROM {} AS {} WHERE {})", work.target, ident("t"), found)


def _shown(table: Ident) -> str:
    return ".".join(f'"{part}"' for part in table.parts if part)
