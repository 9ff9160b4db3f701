"""A plan as the person at the terminal sees it: one line a change, by table, then what is risked and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from schemagen.catalog.expressions import Expr, expression_sql
from schemagen.catalog.objects import Column, Constraint, StructMember, Table
from schemagen.catalog.types import ObjectId
from schemagen.errors import printable
from schemagen.plan import changes as ch
from schemagen.plan.hazards import type_words
from schemagen.plan.plan import Hazard, Plan

_SHOWN = 100
_IN_HEADING = ("server: ", "expressions: ")
NOTHING_TO_DO = "nothing to do"


def plan_text(plan: Plan) -> str:
    """The plan in words, without a line end at the end; foreign text is printable."""
    lines = [NOTHING_TO_DO] if plan.is_empty else [_heading(plan)]
    lines += _changes(plan)
    lines += _hazards(plan)
    notes = [_plain(note) for note in plan.notes if not note.startswith(_IN_HEADING)]
    lines += [note if note.startswith("kept: ") else f"note: {note}" for note in notes]
    if plan.refusals:
        lines.append("refused:")
        lines += [f"  {_plain(str(refusal))}" for refusal in plan.refusals]
    return "\n".join(lines)


def _heading(plan: Plan) -> str:
    version = ".".join(str(part) for part in plan.server.version)
    server = f"{plan.server.flavor} {version}".strip()
    how = " (server: assumed, expressions: structural)" if plan.assumed else ""
    return f"plan for {server}{how}: {counted(len(plan.steps), 'step')}"


def counted(number: int, noun: str) -> str:
    """`1 step`, `2 steps`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _plain(text: str) -> str:
    return printable(text)


def _short(text: str) -> str:
    return printable(text, _SHOWN)


def _changes(plan: Plan) -> Iterator[str]:
    """Namespaces and types as they come; the changes of a table under its name, where the first of them stands."""
    by_table: dict[ObjectId, list[str]] = {}
    order: list[ObjectId | str] = []
    for step in plan.steps:
        change = step.change
        id = ch.table_of(change)
        if id is None or isinstance(change, ch.CreateTable | ch.DropTable):
            order.append(_whole(change))
            continue
        if id not in by_table:
            by_table[id] = []
            order.append(id)
        if isinstance(change, ch.RebuildTable):
            by_table[id].append("  (built again, rows copied)")
        inner = change.changes if isinstance(change, ch.AlterTable | ch.RebuildTable) else (change,)
        by_table[id] += [f"  {_part(item)}" for item in inner]
    for item in order:
        if isinstance(item, str):
            yield item
        else:
            yield f"~ table {_plain(str(item))}"
            yield from _merged(by_table[item])


def _merged(lines: list[str]) -> Iterator[str]:
    """What is dropped and added as it was, as one line."""
    for line in dict.fromkeys(lines):
        sign, rest = line[2:3], line[3:]
        if sign == "-" and f"  +{rest}" in lines:
            yield f"  ={rest} (dropped and added again)"
        elif not (sign == "+" and f"  -{rest}" in lines):
            yield line


def _whole(change: ch.Change) -> str:
    """A change of a whole object."""
    match change:
        case ch.CreateTable(table):
            return f"+ table {_plain(str(table.id))} ({_contents(table)})"
        case ch.DropTable(table):
            return f"- table {_plain(str(table.id))}"
        case ch.CreateNamespace(name):
            return f"+ namespace {_plain(name)}"
        case ch.DropNamespace(name):
            return f"- namespace {_plain(name)}"
        case ch.CreateEnum(enum):
            return f"+ type {_plain(str(enum.id))}: {_values(enum.values)}"
        case ch.DropEnum(enum):
            return f"- type {_plain(str(enum.id))}"
        case ch.AddEnumValue(enum_id, value):
            return f"~ type {_plain(str(enum_id))}: + {_short(repr(value))}"
        case ch.RecreateEnum(before, after):
            return f"~ type {_plain(str(before.id))}: {_values(before.values)} becomes {_values(after.values)}"
        case ch.CreateStruct(struct):
            return f"+ type {_plain(str(struct.id))} ({counted(len(struct.members), 'member')})"
        case ch.DropStruct(struct):
            return f"- type {_plain(str(struct.id))}"
        case ch.AlterStruct(before, after):
            return f"~ type {_plain(str(before.id))}: {', '.join(_members(change)) or 'comment'}"
        case _:
            raise ValueError(f"{type(change).__name__} is no change of a whole object")


def _members(change: ch.AlterStruct) -> Iterator[str]:
    old = {member.name: member for member in change.before.members}
    new = {member.name: member for member in change.after.members}
    yield from (f"+ {_member(member)}" for member in change.after.members if member.name not in old)
    yield from (f"~ {_member(member)}" for member in change.after.members if old.get(member.name, member) != member)
    yield from (f"- {_plain(member.name)}" for member in change.before.members if member.name not in new)


def _member(member: StructMember) -> str:
    return _plain(f"{member.name} {type_words(member.type)}")


def _values(values: tuple[str, ...]) -> str:
    shown = ", ".join(_short(value) for value in values[:6])
    return f"{shown}, ... ({len(values)})" if len(values) > 6 else shown


def _contents(table: Table) -> str:
    parts = [counted(len(table.columns), "column")]
    if table.key:
        parts.append(f"key {', '.join(_plain(name) for name in table.key)}")
    if table.seed is not None and table.seed.rows:
        parts.append(counted(len(table.seed.rows), "row"))
    return ", ".join(parts)


def _part(change: ch.Change) -> str:
    """A change inside a table."""
    match change:
        case ch.AddColumn(_, column):
            return f"+ {_column(column)}"
        case ch.DropColumn(_, column):
            return f"- {_plain(column.name)} {_plain(type_words(column.type))}"
        case ch.AlterColumnType(_, before, after):
            return f"~ {_plain(before.name)} {_plain(type_words(before.type))} becomes {_plain(type_words(after.type))}"
        case ch.SetNotNull(_, name):
            return f"~ {_plain(name)} required"
        case ch.DropNotNull(_, name):
            return f"~ {_plain(name)} may be null"
        case ch.SetDefault(_, name, _, expr):
            return f"~ {_plain(name)} default {_expression(expr)}"
        case ch.DropDefault(_, name):
            return f"~ {_plain(name)} without default"
        case ch.SetIdentity(_, name, _, identity):
            return f"~ {_plain(name)} {'numbered by the server' if identity else 'no longer numbered by the server'}"
        case ch.AddConstraint(_, constraint):
            return f"+ {_constraint(constraint)}"
        case ch.DropConstraint(_, constraint):
            return f"- {_constraint(constraint)}"
        case ch.CreateIndex(_, index):
            return f"+ {'unique ' if index.unique else ''}index {_plain(index.name)} ({', '.join(_plain(name) for name in index.columns)})"
        case ch.DropIndex(_, index):
            return f"- index {_plain(index.name)}"
        case ch.SetComment(_, column, _, text):
            subject = f"{_plain(column)} " if column else ""
            return f"~ {subject}comment {_short(repr(text))}" if text is not None else f"~ {subject}without comment"
        case ch.AddRows(_, rows):
            return f"+ {counted(len(rows.rows), 'row')}: {_values(tuple(str(row[0]) for row in rows.rows))}"
        case ch.AlterRows(_, _, rows):
            return f"~ {counted(len(rows.rows), 'row')}: {_values(tuple(str(row[0]) for row in rows.rows))}"
        case ch.RemoveRows(_, rows):
            return f"- {counted(len(rows.rows), 'row')}: {_values(tuple(str(row[0]) for row in rows.rows))}"
        case _:
            return _whole(change)


def _column(column: Column) -> str:
    text = f"{_plain(column.name)} {_plain(type_words(column.type))}"
    if column.identity is not None:
        text += " numbered by the server"
    if column.default is not None:
        text += f" default {_expression(column.default)}"
    return text if column.nullable else f"{text} required"


def _expression(expr: Expr) -> str:
    return _short(str(expression_sql(expr)))


def _constraint(constraint: Constraint) -> str:
    return _short(str(replace(constraint, name=None)))


def _hazards(plan: Plan) -> Iterator[str]:
    """What is risked and not refused: allowed, only shown, or to be asked of the data. What the data cleared is not shown."""
    for hazard in dict.fromkeys(plan.hazards):
        match hazard.status:
            case "allowed":
                unasked = hazard.cleared_by is not None and hazard.cleared_by.answer is None
                yield f"! {_sentence(hazard)} (allowed{': the data was not asked, you answer for it' if unasked else ''})"
            case "shown":
                yield f"! {_sentence(hazard)}"
            case "open":
                yield f"? {_sentence(hazard)} (the data decides, when it is applied)"
            case "cleared" | "refused":
                pass


def _sentence(hazard: Hazard) -> str:
    return f"{hazard.kind} {_plain(hazard.object)}: {_plain(hazard.reason)}"
