"""What of a catalog a plan is about: its scope, the one form that comparison uses, and the fingerprint of that form."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256

from schemagen.catalog.json import value_to_json
from schemagen.catalog.objects import Catalog, Namespace, Seed, StructType, Table
from schemagen.catalog.types import ArrayType, EnumRef, ObjectId, SqlType, StructRef


def within(catalog: Catalog, scope: frozenset[ObjectId] | None) -> Catalog:
    """The catalog without opaque objects, unmodelled reasons and what is out of scope (None: all is in scope)."""
    kept = in_scope(catalog, scope)
    spaces = (replace(space, tables=tuple(replace(table, unmodelled=()) for table in space.tables)) for space in kept.namespaces)
    return Catalog(tuple(spaces), server=catalog.server)


def in_scope(catalog: Catalog, scope: frozenset[ObjectId] | None) -> Catalog:
    """The catalog without what is out of scope; what hangs on a table and what is not modelled of it stays known.

    A namespace of the scope stays even when it is empty: it is there, and need not be made.
    """
    wanted = None if scope is None else {id.namespace for id in scope}
    spaces = []
    for space in catalog.namespaces:
        kept = Namespace(
            space.name,
            tuple(table for table in space.tables if scope is None or table.id in scope),
            tuple(item for item in space.enums if scope is None or item.id in scope),
            tuple(item for item in space.structs if scope is None or item.id in scope),
        )
        named = space.name and (wanted is None or space.name in wanted)
        if named or kept.tables or kept.enums or kept.structs:
            spaces.append(kept)
    return replace(catalog, namespaces=tuple(sorted(spaces, key=lambda space: space.name)))


def normal(catalog: Catalog) -> Catalog:
    """The catalog in the one order that comparison and fingerprints use, without origins and pointers."""
    spaces = (
        Namespace(
            space.name,
            tuple(sorted((normal_table(table) for table in space.tables), key=lambda table: table.id.name)),
            tuple(sorted(space.enums, key=lambda item: item.id.name)),
            tuple(sorted(space.structs, key=lambda item: item.id.name)),
        )
        for space in within(catalog, None).namespaces
    )
    return Catalog(tuple(sorted(spaces, key=lambda space: space.name)))


def normal_table(table: Table) -> Table:
    """One table in that form."""
    plain = replace(
        table, columns=tuple(replace(column, origin=None) for column in table.columns), unmodelled=(), options=(), pointer=""
    ).normal
    return replace(plain, seed=_normal_seed(table.seed))


def _normal_seed(seed: Seed | None) -> Seed | None:
    return Seed(seed.columns, tuple(sorted(seed.rows, key=repr))) if seed is not None and seed.rows else None


def fingerprint(catalog: Catalog) -> str:
    """The hash of the catalog's normal form: equal for equal databases."""
    # Without indents, which json writes in Python: 2,000 tables of 30 columns take a second, not four.
    text = json.dumps(value_to_json(normal(catalog)), separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def ids_of(catalog: Catalog) -> frozenset[ObjectId]:
    """The ids of all tables and types."""
    return frozenset([*(t.id for t in catalog.tables), *(e.id for e in catalog.enums), *(s.id for s in catalog.structs)])


def types_in(kind: SqlType) -> Iterator[ObjectId]:
    """The named types that a type is made of."""
    match kind:
        case ArrayType(item):
            yield from types_in(item)
        case EnumRef(id) | StructRef(id):
            yield id
        case _:
            return


def types_of_table(table: Table) -> frozenset[ObjectId]:
    """The named types of a table's columns."""
    return frozenset(id for column in table.columns for id in types_in(column.type))


def types_of_struct(struct: StructType) -> frozenset[ObjectId]:
    """The named types of a composite type's members."""
    return frozenset(id for member in struct.members for id in types_in(member.type))
