"""The queries that read PostgreSQL's catalogue, each for all namespaces at once, beside the rows that they give.

They run with an empty search_path, so that every name inside a definition comes out qualified. $1 is the list of namespaces.
"""

from __future__ import annotations

from typing import NamedTuple

from schemagen.sql import Sql, ident, lit


def _not_of_extension(catalogue: str, alias: str) -> Sql:
    """What an extension brought is the extension's."""
    return Sql(
        """NOT EXISTS (
        SELECT 1 FROM pg_catalog.pg_depend AS x
        WHERE x.classid = {}::pg_catalog.regclass AND x.objid = {} AND x.deptype = 'e')""",
        lit(f"pg_catalog.{catalogue}"),
        ident(alias, "oid"),
    )


NAMESPACES = Sql(
    """
SELECT n.nspname
FROM pg_catalog.pg_namespace AS n
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND {}
ORDER BY n.nspname""",
    _not_of_extension("pg_namespace", "n"),
)


class RelationRow(NamedTuple):
    """A table, a foreign table, or the row type behind a composite type (kind `c`)."""

    oid: int
    namespace: str
    name: str
    kind: str
    persistence: str
    is_partition: bool
    has_parent: bool
    row_security: bool
    comment: str | None


RELATIONS = Sql(
    """
SELECT c.oid,
    n.nspname,
    c.relname,
    c.relkind::text,
    c.relpersistence::text,
    c.relispartition,
    EXISTS (SELECT 1 FROM pg_catalog.pg_inherits AS i WHERE i.inhrelid = c.oid),
    c.relrowsecurity,
    CASE WHEN c.relkind = 'c' THEN pg_catalog.obj_description(c.reltype, 'pg_type')
        ELSE pg_catalog.obj_description(c.oid, 'pg_class') END
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = ANY ($1::text[]) AND c.relkind IN ('r', 'p', 'f', 'c') AND c.relpersistence <> 't' AND {}
ORDER BY n.nspname, c.relname""",
    _not_of_extension("pg_class", "c"),
)


class ColumnRow(NamedTuple):
    """A column or a member. The type's facts are those of the item where `is_array`."""

    relation: int
    name: str
    not_null: bool
    identity: str
    generated: str
    type_text: str
    is_array: bool
    type_kind: str
    type_namespace: str
    type_name: str
    default: str | None
    collation: str | None
    comment: str | None


COLUMNS = Sql(
    """
SELECT a.attrelid,
    a.attname,
    a.attnotnull,
    a.attidentity::text,
    a.attgenerated::text,
    pg_catalog.format_type(a.atttypid, a.atttypmod),
    e.oid IS NOT NULL,
    CASE WHEN coalesce(e.typtype, t.typtype) = 'c' AND r.relkind <> 'c' THEN 'row' ELSE coalesce(e.typtype, t.typtype)::text END,
    tn.nspname,
    coalesce(e.typname, t.typname),
    pg_catalog.pg_get_expr(d.adbin, d.adrelid),
    CASE WHEN a.attcollation <> t.typcollation THEN k.collname END,
    pg_catalog.col_description(a.attrelid, a.attnum)
FROM pg_catalog.pg_attribute AS a
JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_type AS e ON e.oid = t.typelem AND e.typarray = t.oid
JOIN pg_catalog.pg_namespace AS tn ON tn.oid = coalesce(e.typnamespace, t.typnamespace)
LEFT JOIN pg_catalog.pg_class AS r ON r.oid = coalesce(e.typrelid, t.typrelid)
LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_catalog.pg_collation AS k ON k.oid = a.attcollation
WHERE n.nspname = ANY ($1::text[]) AND c.relkind IN ('r', 'p', 'f', 'c') AND c.relpersistence <> 't'
    AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum"""
)


class EnumRow(NamedTuple):
    namespace: str
    name: str
    values: list[str]


ENUMS = Sql(
    """
SELECT n.nspname,
    t.typname,
    coalesce(array_agg(e.enumlabel::text ORDER BY e.enumsortorder) FILTER (WHERE e.oid IS NOT NULL), '{{}}')
FROM pg_catalog.pg_type AS t
JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_enum AS e ON e.enumtypid = t.oid
WHERE n.nspname = ANY ($1::text[]) AND t.typtype = 'e' AND {}
GROUP BY n.nspname, t.typname
ORDER BY n.nspname, t.typname""",
    _not_of_extension("pg_type", "t"),
)


class ConstraintRow(NamedTuple):
    """`kind` is contype: p, u, f, c, x (exclusion) or t (trigger). Columns stand in the constraint's own order."""

    relation: int
    name: str
    kind: str
    columns: list[str]
    target_namespace: str | None
    target: str | None
    target_columns: list[str]
    on_delete: str
    on_update: str
    match: str
    deferrable: bool
    deferred: bool
    valid: bool
    no_inherit: bool
    expression: str | None
    part_of_columns: bool


_KEY_NAMES = """ARRAY(SELECT a.attname::text FROM unnest({}) WITH ORDINALITY AS u (number, place)
        JOIN pg_catalog.pg_attribute AS a ON a.attrelid = {} AND a.attnum = u.number ORDER BY u.place)"""

CONSTRAINTS = Sql(
    """
SELECT o.conrelid,
    o.conname,
    o.contype::text,
    {},
    fn.nspname,
    f.relname,
    {},
    o.confdeltype::text,
    o.confupdtype::text,
    o.confmatchtype::text,
    o.condeferrable,
    o.condeferred,
    o.convalidated,
    o.connoinherit,
    CASE WHEN o.contype = 'c' THEN pg_catalog.pg_get_expr(o.conbin, o.conrelid) END,
    coalesce(cardinality(o.confdelsetcols), 0) > 0
FROM pg_catalog.pg_constraint AS o
JOIN pg_catalog.pg_class AS c ON c.oid = o.conrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_class AS f ON f.oid = o.confrelid
LEFT JOIN pg_catalog.pg_namespace AS fn ON fn.oid = f.relnamespace
WHERE n.nspname = ANY ($1::text[]) AND c.relkind IN ('r', 'p', 'f') AND c.relpersistence <> 't' AND o.contype <> 'n'
ORDER BY o.conrelid, o.contype, o.conname""",
    Sql(_KEY_NAMES, ident("o", "conkey"), ident("o", "conrelid")),
    Sql(_KEY_NAMES, ident("o", "confkey"), ident("o", "confrelid")),
)


class IndexRow(NamedTuple):
    """`constraint`: of which constraint it is the means. `plain`: nothing about it but its columns and whether it is unique."""

    relation: int
    name: str
    is_unique: bool
    columns: list[str]
    plain: bool
    constraint: str | None
    definition: str


INDEXES = Sql(
    """
SELECT i.indrelid,
    c.relname,
    i.indisunique,
    {},
    i.indisvalid AND m.amname = 'btree' AND i.indexprs IS NULL AND i.indpred IS NULL AND i.indnkeyatts = i.indnatts
        AND NOT coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, FALSE)
        AND 0 = ALL (i.indoption::smallint[])
        AND (SELECT bool_and(k.opcdefault) FROM unnest(i.indclass::oid[]) AS u (oid) JOIN pg_catalog.pg_opclass AS k ON k.oid = u.oid)
        AND NOT EXISTS (SELECT 1 FROM unnest(i.indcollation::oid[], i.indkey::smallint[]) AS u (collation_, number)
            JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = u.number WHERE a.attcollation <> u.collation_),
    o.conname,
    pg_catalog.pg_get_indexdef(i.indexrelid)
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_am AS m ON m.oid = c.relam
JOIN pg_catalog.pg_class AS t ON t.oid = i.indrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
LEFT JOIN pg_catalog.pg_constraint AS o ON o.conindid = i.indexrelid AND o.contype IN ('p', 'u', 'x')
WHERE n.nspname = ANY ($1::text[]) AND t.relkind IN ('r', 'p', 'f') AND t.relpersistence <> 't'
ORDER BY i.indrelid, c.relname""",
    Sql(_KEY_NAMES, Sql("i.indkey::smallint[]"), ident("i", "indrelid")),
)


class AttachedRow(NamedTuple):
    """A trigger, a rule or a policy of a table."""

    relation: int
    kind: str
    name: str


ATTACHED = Sql(
    """
SELECT g.tgrelid,
    'trigger',
    g.tgname
FROM pg_catalog.pg_trigger AS g WHERE NOT g.tgisinternal
UNION ALL
SELECT r.ev_class,
    'rule',
    r.rulename
FROM pg_catalog.pg_rewrite AS r JOIN pg_catalog.pg_class AS c ON c.oid = r.ev_class WHERE c.relkind IN ('r', 'p')
UNION ALL
SELECT p.polrelid,
    'policy',
    p.polname
FROM pg_catalog.pg_policy AS p
ORDER BY 1, 2, 3"""
)


class OpaqueRow(NamedTuple):
    """A view, a sequence that belongs to no column, a routine, a domain; and the relations that it needs."""

    kind: str
    namespace: str
    name: str
    needs: list[int]


OPAQUE = Sql(
    """
SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' ELSE 'sequence' END,
    n.nspname,
    c.relname,
    ARRAY(SELECT DISTINCT d.refobjid FROM pg_catalog.pg_rewrite AS r
        JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = r.oid
        WHERE r.ev_class = c.oid AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid <> c.oid)
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = ANY ($1::text[]) AND c.relkind IN ('v', 'm', 'S') AND c.relpersistence <> 't' AND {}
    AND (c.relkind <> 'S' OR NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend AS d
        WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i')))
UNION ALL
SELECT 'routine',
    n.nspname,
    p.proname,
    ARRAY[]::oid[]
FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
WHERE n.nspname = ANY ($1::text[]) AND {}
UNION ALL
SELECT 'domain',
    n.nspname,
    t.typname,
    ARRAY[]::oid[]
FROM pg_catalog.pg_type AS t JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
WHERE n.nspname = ANY ($1::text[]) AND t.typtype = 'd' AND {}
ORDER BY 1, 2, 3""",
    _not_of_extension("pg_class", "c"),
    _not_of_extension("pg_proc", "p"),
    _not_of_extension("pg_type", "t"),
)
