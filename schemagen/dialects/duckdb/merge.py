"""Staged rows into their table by mode, set-based and counted exactly: rejects first, then superseded, unchanged, and the merge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemagen.catalog.batch import Counts, Mode, WriteResult
from schemagen.catalog.objects import ForeignKey, Table
from schemagen.dialects.duckdb.refuse import refuse
from schemagen.dialects.duckdb.session import first_line
from schemagen.dialects.duckdb.staged import S, Staged, T, differs, equal, in_table, s, same_key, t
from schemagen.errors import SchemagenError, printable
from schemagen.sql import Sql, ident, join

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def merge(connection: DuckDBPyConnection, table: Table, mode: Mode, columns: tuple[str, ...] | None) -> WriteResult:
    """Raises SchemagenError NO_KEY; CONSTRAINT where DuckDB refuses what was judged good."""
    import duckdb

    if mode is not Mode.INSERT and not table.key:
        raise SchemagenError(
            "NO_KEY", str(table.id), f"has no primary key, which {mode.value} needs; name one with --key, or use --mode insert"
        )
    every = tuple(column.name for column in table.columns)
    work = Staged(connection, table, every if columns is None else columns)
    read = work.count(Sql("SELECT count(*) FROM {}", work.stage))
    try:
        refuse(work, mode)
        match mode:
            case Mode.UPSERT:
                counts = _upsert(work)
            case Mode.INSERT:
                counts = Counts(inserted=_insert(work))
            case Mode.DELETE:
                counts = _delete(work)
    except duckdb.ConstraintException as error:
        raise SchemagenError("CONSTRAINT", str(table.id), printable(first_line(error))) from error
    work.run(Sql("DROP TABLE {}", work.stage))
    rejects = tuple(sorted(work.rejects, key=lambda item: item.seq))
    return WriteResult(counts + Counts(read=read, rejected=len(rejects)), rejects)


def _upsert(work: Staged) -> Counts:
    superseded = _superseded(work)
    same = Sql("{} AND NOT {}", same_key(work.key), differs(work.values))
    unchanged = work.run(Sql("DELETE FROM {} AS {} USING {} AS {} WHERE {}", work.stage, ident(S), work.target, ident(T), same))
    if _refers_to_itself(work):
        inserted, updated = _insert(work), _update(work, differs(work.values))
    else:
        # The other way round rows just inserted would match.
        updated, inserted = _update(work, None), _insert(work)
    return Counts(inserted=inserted, updated=updated, unchanged=unchanged, superseded=superseded)


def _superseded(work: Staged) -> int:
    """Takes out rows whose key comes again later."""
    keys = join(", ", [ident(name) for name in work.key])
    last = Sql("SELECT {0}, max({1}) AS {1} FROM {2} GROUP BY {0} HAVING count(*) > 1", keys, ident(work.seq), work.stage)
    later = Sql("{} AND {} < {}", same_key(work.key), s(work.seq), t(work.seq))
    return work.run(Sql("DELETE FROM {} AS {} USING ({}) AS {} WHERE {}", work.stage, ident(S), last, ident(T), later))


def _update(work: Staged, condition: Sql | None) -> int:
    """Sets all values of rows that are there; how many."""
    if not work.values:
        return 0
    touchy = tuple(name for name in work.values if name in work.touchy) if work.inbound else ()
    plain = tuple(name for name in work.values if name not in touchy)
    where = same_key(work.key) if condition is None else Sql("{} AND {}", same_key(work.key), condition)
    matched = work.count(Sql("SELECT count(*) FROM {} AS {}, {} AS {} WHERE {}", work.target, ident(T), work.stage, ident(S), where))
    for names, extra in ((plain, None), (touchy, differs(touchy))):
        if names and matched:
            sets = join(", ", [Sql("{} = {}", ident(name), s(name)) for name in names])
            only = where if extra is None else Sql("{} AND {}", where, extra)
            work.run(Sql("UPDATE {} AS {} SET {} FROM {} AS {} WHERE {}", work.target, ident(T), sets, work.stage, ident(S), only))
    return matched


def _insert(work: Staged) -> int:
    """Inserts the staged rows whose key is not there, in the order of records; how many."""
    fresh = Sql("NOT {}", in_table(work)) if work.key else Sql("true")
    if not work.key or not _refers_to_itself(work):
        return _insert_where(work, fresh)
    inserted = 0
    own = [key for key in work.table.foreign_keys if key.target == work.table.id]
    while step := _insert_where(work, join(" AND ", [fresh, *(_parent_is_there(work, key) for key in own)])):
        # A statement does not see the rows that it inserts itself, so parents go in before their children.
        inserted += step
    work.reject("CONSTRAINT", "DuckDB stores no rows that refer to one another in a circle", fresh)
    return inserted


def _insert_where(work: Staged, condition: Sql) -> int:
    names = join(", ", [ident(name) for name in work.written])
    values = join(", ", [s(name) for name in work.written])
    order = s(work.seq)
    source = Sql("SELECT {} FROM {} AS {} WHERE {} ORDER BY {}", values, work.stage, ident(S), condition, order)
    return work.run(Sql("INSERT INTO {} ({}) {}", work.target, names, source))


def _refers_to_itself(work: Staged) -> bool:
    return any(key.target == work.table.id for key in work.table.foreign_keys)


def _parent_is_there(work: Staged, key: ForeignKey) -> Sql:
    absent = join(" OR ", [Sql("{} IS NULL", s(name)) for name in key.columns])
    parent = equal([(t(theirs), s(mine)) for mine, theirs in zip(key.columns, key.target_columns, strict=True)])
    return Sql("({} OR EXISTS (SELECT 1 FROM {} AS {} WHERE {}))", absent, work.target, ident(T), parent)


def _delete(work: Staged) -> Counts:
    superseded = _superseded(work)
    staged = work.count(Sql("SELECT count(*) FROM {}", work.stage))
    deleted = work.run(Sql("DELETE FROM {} AS {} USING {} AS {} WHERE {}", work.target, ident(T), work.stage, ident(S), same_key(work.key)))
    return Counts(deleted=deleted, unchanged=staged - deleted, superseded=superseded)
