"""Whether an existing table takes what a load would write, and the key that it brings."""

from __future__ import annotations

from dataclasses import replace

from schemagen.catalog.objects import Column, Table
from schemagen.plan.traits import Safety, Traits
from schemagen.shape.types import ClassShape, Model

_LOSSLESS = (Safety.METADATA, Safety.REWRITE_EXACT)


def misfit(desired: Table, existing: Table, traits: Traits) -> str | None:
    """The first reason why `existing` cannot take the columns of `desired`; None where it fits. Both are of one server's form."""
    by_name = {column.name: column for column in existing.columns}
    for column in desired.columns:
        found = by_name.pop(column.name, None)
        if found is None:
            return f"column {column.name} is missing"
        reason = _misfit(column, found, traits)
        if reason:
            return reason
    for column in by_name.values():
        if not column.nullable and column.default is None and column.identity is None:
            return f"column {column.name} is NOT NULL without a default, and the schema does not have it"
    if desired.key and existing.key != desired.key:
        shown = f"({', '.join(existing.key)})" if existing.key else "none"
        return f"its primary key is {shown}, not ({', '.join(desired.key)})"
    return None


def _misfit(desired: Column, existing: Column, traits: Traits) -> str | None:
    if desired.nullable and not existing.nullable:
        return f"column {desired.name} is NOT NULL, but the schema does not require it"
    if desired.type == existing.type or traits.convert(desired.type, existing.type).safety in _LOSSLESS:
        return None
    return f"column {desired.name} is of another type that would lose values"


def with_key(model: Model, entity: ClassShape, names: tuple[str, ...]) -> tuple[Model, ClassShape]:
    """The model whose entity has the key `names` (Python field names, in order)."""
    assert entity.entity is not None
    fields = tuple(replace(item, not_null=True) if item.name in names else item for item in entity.fields)
    keyed = replace(entity, fields=fields, entity=replace(entity.entity, key=names))
    classes = tuple(keyed if item is entity else item for item in model.classes)
    return replace(model, classes=classes), keyed
