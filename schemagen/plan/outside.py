"""What a plan is not about and would break or meet: views, triggers and keys of others, and names that are taken."""

from __future__ import annotations

from collections.abc import Iterator

from schemagen.catalog import types as sql
from schemagen.catalog.objects import Table
from schemagen.plan import changes as ch
from schemagen.plan.plan import Hazard
from schemagen.plan.risks import Risks
from schemagen.plan.scope import ids_of

_TYPES = ("enum", "struct", "domain", "type")
_APART = ("index", "trigger", "routine")


def name_taken(id: sql.ObjectId, risks: Risks) -> Iterator[Hazard]:
    """What is there under the name of something new: a view, a table where a type is wanted, on some servers in other letter case."""
    situation = risks.situation
    for other in (*ids_of(situation.before), *ids_of(situation.outside), *(item.id for item in situation.before.opaque)):
        apart = situation.traits.type_names_apart and (id.kind in _TYPES) is not (other.kind in _TYPES)
        same = other.name.lower() == id.name.lower() if situation.traits.folds_case else other.name == id.name
        if same and other != id and other.namespace == id.namespace and other.kind not in _APART and not apart:
            reason = f"the {other.kind} {other} has its name; give one of them another"
            yield Hazard("IMPOSSIBLE", str(id), reason, forbidden=True)


def of_outside(change: ch.Change, table: Table, risks: Risks) -> Iterator[Hazard]:
    """What stands outside the scope and hangs on the table: a drop, a retype or a rebuild would break it."""
    inner = change.changes if isinstance(change, ch.AlterTable | ch.RebuildTable) else (change,)
    if not isinstance(change, ch.RebuildTable) and not any(
        isinstance(item, ch.DropTable | ch.DropColumn | ch.AlterColumnType) for item in inner
    ):
        return
    # PostgreSQL drops no table that a view reads, and no column that one names; of a view only its tables are known here.
    held = risks.situation.traits.flavor == "postgresql"
    for item in risks.situation.before.opaque:
        if table.id in item.depends_on:
            hint = "; what it names cannot change before it is dropped" if held and "view" in item.kind else ""
            repair = "drop it first" if hint and isinstance(change, ch.DropTable) else ""
            yield Hazard("UNMANAGED", str(table.id), f"the {item.kind} {item.id} depends on it{hint}", repair=repair)
    for other in risks.situation.outside.tables if isinstance(change, ch.DropTable) else ():
        if any(key.target == table.id for key in other.foreign_keys):
            reason = f"the table {other.id}, which the plan is not about, refers to it"
            yield Hazard("UNMANAGED", str(table.id), reason, repair="drop its foreign key first")
