"""The set-based statements that move staged rows into a table: what is superseded, unchanged, new or refused."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from schemagen.catalog.expressions import columns_of, expression_sql
from schemagen.catalog.objects import Check, Column, ForeignKey, Index, Table, Unique
from schemagen.catalog.types import ArrayType, Json, Opaque, SqlType, StructRef
from schemagen.dialects.common import table_ident
from schemagen.errors import Kind
from schemagen.sql import Ident, Sql, ident, join, lit

TEMPORARY = "pg_temp"
STAGED, TARGET, LAST = "s", "t", "d"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A statement that takes rows out of the staging table and returns their numbers and what is said about each."""

    code: Kind
    sql: Sql


@dataclass(frozen=True, slots=True)
class Merge:
    """The statements of one merge. `columns`: those that are written, the key among them. `stage`: the staging table."""

    table: Table
    stage: Table
    columns: tuple[str, ...]

    @property
    def target(self) -> Ident:
        return table_ident(self.table.id)

    @property
    def source(self) -> Ident:
        return ident(TEMPORARY, self.stage.id.name)

    @property
    def seq(self) -> str:
        """The column of a staged record's number."""
        return self.stage.columns[-1].name

    @property
    def values(self) -> tuple[str, ...]:
        """The written columns that a row of the same key may change: not an identity that is always the server's."""
        return tuple(name for name in self.columns if name not in self.table.key and not _is_always(self.table.column(name)))

    @property
    def is_partial(self) -> bool:
        return len(self.columns) < len(self.table.columns)

    @property
    def other_uniques(self) -> tuple[Unique | Index, ...]:
        """What must differ beside the key. With it the order of rows decides who may stay: one may take what another gave up before."""
        uniques = [item for item in self.table.constraints if isinstance(item, Unique)]
        return (*uniques, *(index for index in self.table.indexes if index.unique))

    def count(self) -> Sql:
        return Sql("SELECT count(*) FROM {}", self.source)

    def analyze(self) -> Sql:
        """Nobody else analyzes a temporary table."""
        return Sql("ANALYZE {} ({})", self.source, _names(self.table.key or self.columns[:1]))

    def empty(self) -> Sql:
        return Sql("TRUNCATE {}", self.source)

    def superseded(self) -> Sql:
        """Takes out all but the last row of a key. Before the unchanged ones: else a key staged as A and then as it is would end as A."""
        return self._repeated("max", "<")

    def earlier(self) -> Refusal:
        """All but the first row of a key, for a mode that never changes a row."""
        return Refusal("DUPLICATE_KEY", self._repeated("min", ">") + self._returning("its key came earlier in the input"))

    def _repeated(self, which: str, than: str) -> Sql:
        keys = _names(self.table.key)
        # The number keeps its name in the group: no column of the key can have it.
        group = Sql("SELECT {0}, {1}({2}) AS {2} FROM {3} GROUP BY {0} HAVING count(*) > 1", keys, Sql(which), ident(self.seq), self.source)
        return Sql(
            "DELETE FROM {} AS s USING ({}) AS d WHERE {} AND {} {} {}",
            self.source,
            group,
            _equal(self.table.key, STAGED, LAST),
            ident(STAGED, self.seq),
            Sql(than),
            ident(LAST, self.seq),
        )

    def existing(self) -> Refusal:
        return Refusal("DUPLICATE_KEY", self.matched() + self._returning("a row with its key is there already"))

    def unchanged(self) -> Sql:
        same = Sql(" AND {} IS NOT DISTINCT FROM {}", self._row(TARGET), self._row(STAGED)) if self.values else Sql("")
        return Sql("DELETE FROM {} AS s USING {} AS t WHERE {}{}", self.source, self.target, _equal(self.table.key, STAGED, TARGET), same)

    def upsert(self) -> Sql:
        """One row: how many rows were inserted, how many updated."""
        if not self.values:
            action = Sql("NOTHING")
        else:
            changes = join(", ", [Sql("{0} = EXCLUDED.{0}", ident(name)) for name in self.values])
            differs = Sql("{} IS DISTINCT FROM {}", self._row(TARGET), self._row("EXCLUDED"))
            action = Sql("UPDATE SET {} WHERE {}", changes, differs)
        insert = Sql("{} ON CONFLICT ({}) DO {} RETURNING (t.xmax = 0) AS fresh", self.insert(), _names(self.table.key), action)
        return Sql("WITH w AS ({}) SELECT count(*) FILTER (WHERE fresh), count(*) FILTER (WHERE NOT fresh) FROM w", insert)

    def insert(self) -> Sql:
        names = _names(self.columns)
        own = any(self.table.column(name).identity is not None for name in self.columns)
        # Sorted by key: index locality, and two loaders lock rows in one order.
        order = _names(self.table.key if self.table.key and not self.other_uniques else (self.seq,))
        overriding = Sql(" OVERRIDING SYSTEM VALUE" if own else "")
        return Sql("INSERT INTO {} AS t ({}){} SELECT {} FROM {} ORDER BY {}", self.target, names, overriding, names, self.source, order)

    def update(self) -> Sql:
        """Changes only the written columns of rows that are there: an INSERT would want the others too."""
        changes = join(", ", [Sql("{} = {}", ident(name), ident(STAGED, name)) for name in self.values])
        differs = Sql("{} IS DISTINCT FROM {}", self._row(TARGET), self._row(STAGED))
        same = _equal(self.table.key, STAGED, TARGET)
        return Sql("UPDATE {} AS t SET {} FROM {} AS s WHERE {} AND {}", self.target, changes, self.source, same, differs)

    def matched(self) -> Sql:
        """Takes out the staged rows whose key is in the table."""
        return Sql("DELETE FROM {} AS s USING {} AS t WHERE {}", self.source, self.target, _equal(self.table.key, STAGED, TARGET))

    def delete(self) -> Sql:
        return Sql("DELETE FROM {} AS t USING {} AS s WHERE {}", self.target, self.source, _equal(self.table.key, STAGED, TARGET))

    def _returning(self, message: str) -> Sql:
        return Sql(" RETURNING {}, {}::text", ident(STAGED, self.seq), lit(message))

    def _row(self, alias: str) -> Sql:
        return Sql("({})", join(", ", [_comparable(alias, self.table.column(name)) for name in self.values]))

    def null_keys(self) -> Iterable[Refusal]:
        yield from self._nulls("KEY_NULL", self.table.key)

    def refusals(self) -> Iterable[Refusal]:
        """What columns and constraints say about each staged row by itself; asked only where the table itself may not."""
        yield from self.null_keys()
        required = [name for name in self.columns if not self.table.column(name).nullable and name not in self.table.key]
        yield from self._nulls("CONSTRAINT", required)
        for item in self.table.constraints:
            if isinstance(item, Check) and set(columns_of(item.expr)) <= set(self.columns):
                condition = Sql("({}) IS FALSE", expression_sql(item.expr))
                yield self._refusal("CONSTRAINT", condition, f"violates the check {item.name}")
        for key in self.table.foreign_keys:
            if set(key.columns) <= set(self.columns):
                yield self._orphans(key)

    def _refusal(self, code: Kind, condition: Sql, message: str) -> Refusal:
        return Refusal(code, Sql("DELETE FROM {} AS s WHERE {}", self.source, condition) + self._returning(message))

    def _nulls(self, code: Kind, names: Sequence[str]) -> Iterable[Refusal]:
        if names:
            missing = [Sql("{} IS NULL", ident(STAGED, name)) for name in names]
            first = join(" ", [Sql("WHEN {} THEN {}", is_null, lit(name)) for is_null, name in zip(missing, names, strict=True)])
            say = Sql(" RETURNING {}, CASE {} END || ' may not be null'", ident(STAGED, self.seq), first)
            yield Refusal(code, Sql("DELETE FROM {} AS s WHERE {}", self.source, join(" OR ", missing)) + say)

    def _orphans(self, key: ForeignKey) -> Refusal:
        present = [Sql("{} IS NOT NULL", ident(STAGED, name)) for name in key.columns]
        pairs = list(zip(key.columns, key.target_columns, strict=True))
        parents = [table_ident(key.target)] + ([self.source] if key.target == self.table.id else [])
        missing = [
            Sql(
                "NOT EXISTS (SELECT 1 FROM {} AS p WHERE {})",
                parent,
                join(" AND ", [Sql("{} = {}", ident("p", theirs), ident(STAGED, mine)) for mine, theirs in pairs]),
            )
            for parent in parents
        ]
        message = f"{', '.join(key.columns)} leads to no row of {key.target}"
        return self._refusal("FK_ORPHAN", join(" AND ", [*present, *missing]), message)

    def taken(self) -> Iterable[Refusal]:
        """For a mode that only inserts: rows whose key, or other unique columns, the table has already.

        A row whose key came earlier waits until that one is judged.
        """
        first = Sql("TRUE")
        if self.table.key:
            yield self.existing()
            earlier = Sql("{} < {} AND {}", ident("e", self.seq), ident(STAGED, self.seq), _equal(self.table.key, "e", STAGED))
            first = Sql("NOT EXISTS (SELECT 1 FROM {} AS e WHERE {})", self.source, earlier)
        for item in self.other_uniques:
            if set(item.columns) <= set(self.columns):
                condition = Sql("{} AND {}", _equal(item.columns, STAGED, TARGET), first)
                sql = Sql("DELETE FROM {} AS s USING {} AS t WHERE {}", self.source, self.target, condition)
                yield Refusal("CONSTRAINT", sql + self._returning(f"violates the unique {item.name}"))

    def hold(self) -> Sql:
        """The staged rows put aside, to be tried in parts."""
        return Sql("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT * FROM {}", HELD, self.source)

    def remember(self) -> Sql:
        """The rows of the table that have the keys of those put aside, as they are before."""
        same = _equal(self.table.key, HELD_AS, TARGET)
        rows = Sql("SELECT t.* FROM {} AS t WHERE EXISTS (SELECT 1 FROM {} AS h WHERE {})", self.target, HELD, same)
        return Sql("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS {}", BEFORE, rows)

    def put_back(self, low: int, high: int) -> Sql:
        names = _names((*self.columns, self.seq))
        where = Sql("{} BETWEEN {} AND {}", ident(self.seq), lit(low), lit(high))
        return Sql("INSERT INTO {0} ({1}) SELECT {1} FROM {2} WHERE {3}", self.source, names, HELD, where)

    def became(self) -> Sql:
        """One row about the last held row of each key: how many there are, are new, and are as they were before."""
        keys = _names(self.table.key)
        last = Sql("SELECT DISTINCT ON ({0}) * FROM {1} ORDER BY {0}, {2} DESC", keys, HELD, ident(self.seq))
        fresh = Sql("{} IS NULL", ident(TARGET, self.table.key[0]))
        same = Sql("{} IS NOT DISTINCT FROM {}", self._row(TARGET), self._row(STAGED)) if self.values else Sql("TRUE")
        return Sql(
            """SELECT count(*), count(*) FILTER (WHERE {0}), count(*) FILTER (WHERE NOT ({0}) AND {1})
            FROM ({2}) AS s LEFT JOIN {3} AS t ON {4}""",
            fresh,
            same,
            last,
            BEFORE,
            _equal(self.table.key, STAGED, TARGET),
        )


HELD_AS = "h"
HELD, BEFORE = ident(TEMPORARY, "_schemagen_held"), ident(TEMPORARY, "_schemagen_before")


def _names(names: Iterable[str]) -> Sql:
    return join(", ", [ident(name) for name in names])


def _equal(names: Iterable[str], left: str, right: str) -> Sql:
    return join(" AND ", [Sql("{} = {}", ident(left, name), ident(right, name)) for name in names])


def _is_always(column: Column) -> bool:
    return column.identity is not None and column.identity.always


def _comparable(alias: str, column: Column) -> Sql:
    """Types without an equality of their own are compared as text."""
    name = Sql("EXCLUDED.{}", ident(column.name)) if alias == "EXCLUDED" else Sql("{}", ident(alias, column.name))
    return Sql("{}::text", name) if _lacks_equality(column.type) else name


def _lacks_equality(kind: SqlType) -> bool:
    match kind:
        case Json(binary):
            return not binary
        case ArrayType(item):
            return _lacks_equality(item)
        case StructRef() | Opaque():
            return True
        case _:
            return False
