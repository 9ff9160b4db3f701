"""The Plan and its parts: steps as data, with hazards, probes and refusals."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from shlex import quote
from typing import Literal

from schemagen.catalog.expressions import Expr
from schemagen.catalog.objects import Catalog, ServerInfo, Table
from schemagen.catalog.types import ObjectId, SqlType
from schemagen.errors import printable
from schemagen.options import HazardKind
from schemagen.plan.changes import Change

ProbeKind = Literal[
    "ROWS", "NULLS", "DUPLICATES", "ORPHANS", "VIOLATIONS", "TOO_LONG", "NOT_CASTABLE", "CHANGED_BY_CAST", "VALUES_USED", "NOT_EMPTY"
]


@dataclass(frozen=True, slots=True)
class Probe:
    """A question to the live table whose answer is a count; 0 lets the change pass. `answer` None: not asked (a plan without a database).

    ROWS: rows of the table. NULLS: rows where `columns[0]` is NULL. DUPLICATES: rows beyond the first of equal `columns`.
    ORPHANS: rows whose `columns` have no row in `target`(`target_columns`). VIOLATIONS: rows for which `expr` is false.
    TOO_LONG, NOT_CASTABLE, CHANGED_BY_CAST: rows whose `columns[0]` does not survive the change to type `to`.
    VALUES_USED: rows whose `columns[0]` is one of `values`. NOT_EMPTY: rows where `columns[0]` is not NULL (no column: any row).
    """

    kind: ProbeKind
    table: ObjectId
    columns: tuple[str, ...] = ()
    target: ObjectId | None = None
    target_columns: tuple[str, ...] = ()
    expr: Expr | None = None
    before: SqlType | None = None
    to: SqlType | None = None
    values: tuple[str, ...] = ()
    answer: int | None = None


@dataclass(frozen=True, slots=True)
class Hazard:
    """What may lose data, fail or block. `object` is `ns.table.column` as tokens match it.

    `needs_allow` False: shown only. `cleared_by`: a probe that, answered 0 (or at most `limit`), clears it.
    `repair`: what to do with rows in the way where the server itself refuses them, so that no token helps; "" where one does.
    `status`: open until its probe is asked; shown, cleared, allowed or refused after.
    """

    kind: HazardKind
    object: str
    reason: str
    cleared_by: Probe | None = None
    forbidden: bool = False
    needs_allow: bool = True
    limit: int = 0
    repair: str = ""
    status: Literal["open", "shown", "cleared", "allowed", "refused"] = "open"

    @property
    def token(self) -> str:
        """What would allow it: the object's name with no character that a glob reads otherwise, and none that cannot be shown."""
        return f"{self.kind}:{''.join(map(_literally, self.object))}"

    def allowed_by(self, allow: tuple[str, ...]) -> bool:
        """True where one of the tokens names it; IMPOSSIBLE and `forbidden` are allowed by none."""
        return not self.forbidden and any(token_matches(token, self.kind, self.object) for token in allow)


def _literally(c: str) -> str:
    return f"[{c}]" if c in "*?[" else c if printable(c) == c else "?"


def token_matches(token: str, kind: str, name: str) -> bool:
    """A token is KIND:GLOB, matched against `ns.table.column` and `table.column`; `*:*` matches all."""
    wanted, _, glob = token.partition(":")
    if wanted not in ("*", kind):
        return False
    names = {name} | ({name.split(".", 1)[1]} if "." in name else set())
    return any(fnmatchcase(item, glob) for item in names)


@dataclass(frozen=True, slots=True)
class Step:
    """One statement's worth: a change (or AlterTable, RebuildTable), its table before and after, and what it risks.

    `referencing`: for a rebuild, tables whose foreign keys lead to it. `alone`: must be committed by itself before the next step.
    `why`: pointer into the schema, and the two values, for people.
    """

    change: Change
    before: Table | None = None
    after: Table | None = None
    hazards: tuple[Hazard, ...] = ()
    referencing: tuple[Table, ...] = ()
    alone: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A hazard that nothing allowed, and the option that would, or the query that counts the rows to be repaired."""

    hazard: Hazard
    query: str = ""

    @property
    def option(self) -> str:
        """As a POSIX shell reads it; "" where none helps."""
        hazard = self.hazard
        return "" if hazard.forbidden or hazard.repair or hazard.kind == "IMPOSSIBLE" else f"--allow {quote(hazard.token)}"

    def __str__(self) -> str:
        hazard = self.hazard
        counted = f"; counted by: {self.query}" if self.query else ""
        what = self.option or f"{hazard.repair}{counted}"
        return f"{hazard.object}: {hazard.reason} ({what})" if what else f"{hazard.object}: {hazard.reason}"


@dataclass(frozen=True, slots=True)
class Plan:
    """What makes `before` into `after`, both lowered for `server`. `assumed`: made without a database.

    `transactions`: numbers of steps that commit together, in order. `notes`: what the planner could not ask or model.
    """

    dialect: str
    server: ServerInfo
    before: Catalog = field(repr=False)
    after: Catalog = field(repr=False)
    steps: tuple[Step, ...] = ()
    transactions: tuple[tuple[int, ...], ...] = ()
    refusals: tuple[Refusal, ...] = ()
    assumed: bool = False
    base_fingerprint: str = ""
    target_fingerprint: str = ""
    notes: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.steps

    @property
    def hazards(self) -> tuple[Hazard, ...]:
        return tuple(hazard for step in self.steps for hazard in step.hazards)

    @property
    def probes(self) -> tuple[Probe, ...]:
        """Each probe once, in the order of steps."""
        return tuple(dict.fromkeys(hazard.cleared_by for hazard in self.hazards if hazard.cleared_by is not None))

    def __str__(self) -> str:
        from schemagen.plan.text import plan_text

        return plan_text(self)

    def to_json(self) -> str:
        """The plan as JSON text with a format version."""
        from schemagen.plan.json import plan_to_json

        return plan_to_json(self)
