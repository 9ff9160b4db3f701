"""Expressions and foreign types as this server prints them back, found out on temporary tables that are rolled back."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from schemagen.catalog.expressions import Expr, Native, columns_of
from schemagen.catalog.objects import Catalog, Check, Column, Constraint, Table
from schemagen.catalog.types import ArrayType, EnumRef, ObjectId, Opaque, SqlType, StructRef
from schemagen.dialects.base import RetryableError, Session
from schemagen.dialects.common import map_tables, map_types
from schemagen.dialects.postgresql.ddl import column_sql, create_enum, create_struct
from schemagen.dialects.postgresql.failures import state_of
from schemagen.dialects.postgresql.session import PostgresqlSession, postgresql
from schemagen.dialects.postgresql.types import type_from_text
from schemagen.errors import SchemagenError
from schemagen.plan.diff import needed_first
from schemagen.sql import Sql, ident, join, lit

_TEMPORARY = "pg_temp"
_AT_ONCE = 500
# What the server prints it may print otherwise when that is run: the answers are asked again until they stay.
_ROUNDS = 4
# A standby, or a user who may make no temporary tables.
_NOT_ALLOWED = frozenset({"25006", "42501", "0A000"})


@dataclass(frozen=True, slots=True)
class _Question:
    """An expression among columns: a default is that of its one column, a check stands beside its columns.

    `expr` None asks for the name of the column's type.
    """

    columns: tuple[tuple[str, SqlType], ...]
    expr: Expr | None
    is_default: bool

    @property
    def key(self) -> str:
        # By repr, because Literal(1), Literal(1.0) and Literal(True) are equal.
        return repr((self.columns if not self.is_default else self.columns[0][1], self.expr, self.is_default))


@dataclass(frozen=True, slots=True)
class _Answer:
    """The server's text (None: it kept nothing, as for DEFAULT NULL) and the columns that it found in it."""

    text: str | None
    refs: tuple[str, ...] = ()

    @property
    def native(self) -> Native | None:
        return None if self.text is None else Native(self.text, self.refs)


@dataclass(slots=True)
class _Sheet:
    """The columns and questions of one temporary table; no column has two types."""

    columns: dict[str, SqlType] = field(default_factory=dict)
    questions: list[_Question] = field(default_factory=list)

    def takes(self, question: _Question) -> bool:
        if question.is_default or len(self.questions) >= _AT_ONCE or len(self.columns) + len(question.columns) > _AT_ONCE:
            return False
        return all(self.columns.get(name, kind) == kind for name, kind in question.columns)


async def canonical(session: Session, catalog: Catalog) -> Catalog:
    """`catalog` (lowered) with every expression and opaque type in this server's words; what it refuses stays as it is."""
    server = postgresql(session)
    asked: set[str] = set()
    for _ in range(_ROUNDS):
        questions = {question.key: question for question in _questions(catalog) if question.key not in asked}
        if not questions:
            break
        try:
            answers = await _ask(server, catalog, list(questions.values()))
        except SchemagenError as error:
            if isinstance(error, RetryableError) or state_of(error) not in _NOT_ALLOWED:
                raise
            break
        asked |= set(questions)
        catalog = _with_answers(catalog, answers)
    return catalog


def _with_answers(catalog: Catalog, answers: Mapping[str, _Answer]) -> Catalog:
    return map_types(map_tables(catalog, lambda table: _answered(table, answers)), lambda kind: _known_type(kind, answers))


def _questions(catalog: Catalog) -> Iterable[_Question]:
    for table in catalog.tables:
        for column in table.columns:
            if column.default is not None:
                yield _default(column)
            if isinstance(column.type, Opaque):
                yield _type(column.type)
        for item in table.constraints:
            if isinstance(item, Check):
                yield _check(table, item)


def _default(column: Column) -> _Question:
    return _Question((("", column.type),), column.default, True)


def _type(kind: SqlType) -> _Question:
    return _Question((("", kind),), None, True)


def _check(table: Table, check: Check) -> _Question:
    """Text that names no columns may mean any of them."""
    names = columns_of(check.expr) or tuple(column.name for column in table.columns)
    return _Question(tuple((name, table.column(name).type) for name in sorted(set(names))), check.expr, False)


def _answered(table: Table, answers: Mapping[str, _Answer]) -> Table:
    columns = tuple(_answered_column(column, answers) for column in table.columns)
    return replace(table, columns=columns, constraints=tuple(_answered_constraint(table, item, answers) for item in table.constraints))


def _answered_column(column: Column, answers: Mapping[str, _Answer]) -> Column:
    answer = answers.get(_default(column).key) if column.default is not None else None
    return column if answer is None else replace(column, default=answer.native)


def _answered_constraint(table: Table, item: Constraint, answers: Mapping[str, _Answer]) -> Constraint:
    answer = answers.get(_check(table, item).key) if isinstance(item, Check) else None
    return replace(item, expr=answer.native) if isinstance(item, Check) and answer is not None and answer.native else item


def _known_type(kind: SqlType, answers: Mapping[str, _Answer]) -> SqlType:
    answer = answers.get(_type(kind).key) if isinstance(kind, Opaque) else None
    return kind if answer is None or answer.text is None else type_from_text(answer.text)


async def _ask(server: PostgresqlSession, catalog: Catalog, questions: list[_Question]) -> dict[str, _Answer]:
    async with server.rolled_back():
        ids = [enum.id for enum in catalog.enums] + [struct.id for struct in catalog.structs]
        tokens = {id: f"schemagen_{secrets.token_hex(8)}" for id in ids}
        names = await _names(server, tokens)
        await _make_types(server, catalog, tokens)
        answers: dict[str, _Answer] = {}
        for sheet in _sheets(questions):
            answers |= await _fill(server, sheet, tokens)
        return {key: replace(answer, text=_mapped_back(answer.text, names)) for key, answer in answers.items()}


async def _names(server: PostgresqlSession, tokens: Mapping[ObjectId, str]) -> dict[str, str]:
    """Each token's real name as the server would print it."""
    if not tokens:
        return {}
    printed = [
        Sql("({}, format('%I.%I', {}::text, {}::text))", lit(token), lit(id.namespace or server.own), lit(id.name))
        for id, token in tokens.items()
    ]
    return dict(await server.fetch(Sql("VALUES {}", join(", ", printed))))


def _mapped_back(text: str | None, names: Mapping[str, str]) -> str | None:
    for token, name in names.items():
        text = text and text.replace(token, name)
    return text


async def _make_types(server: PostgresqlSession, catalog: Catalog, tokens: Mapping[ObjectId, str]) -> None:
    for enum in catalog.enums:
        await server.execute(create_enum(replace(enum, id=_temporary(enum.id, tokens))))
    for struct in needed_first(catalog.structs):
        members = tuple(replace(item, type=_with_tokens(item.type, tokens)) for item in struct.members)
        for statement in create_struct(replace(struct, id=_temporary(struct.id, tokens), members=members, comment=None)):
            await server.execute(statement)


def _temporary(id: ObjectId, tokens: Mapping[ObjectId, str]) -> ObjectId:
    return ObjectId(id.kind, _TEMPORARY, tokens[id])


def _with_tokens(kind: SqlType, tokens: Mapping[ObjectId, str]) -> SqlType:
    match kind:
        case EnumRef(id) | StructRef(id) if id in tokens:
            return replace(kind, id=_temporary(id, tokens))
        case ArrayType(item):
            return ArrayType(_with_tokens(item, tokens))
        case _:
            return kind


def _sheets(questions: Sequence[_Question]) -> list[_Sheet]:
    """Defaults 500 to a table; checks into the first table where no column has another type."""
    defaults = [question for question in questions if question.is_default]
    sheets = [_Sheet(questions=defaults[start : start + _AT_ONCE]) for start in range(0, len(defaults), _AT_ONCE)]
    shared: list[_Sheet] = []
    for question in questions:
        if not question.is_default:
            sheet = next((item for item in shared if item.takes(question)), None)
            if sheet is None:
                sheet = _Sheet()
                shared.append(sheet)
            sheet.columns |= dict(question.columns)
            sheet.questions.append(question)
    return sheets + shared


async def _fill(server: PostgresqlSession, sheet: _Sheet, tokens: Mapping[ObjectId, str]) -> dict[str, _Answer]:
    """The answers to a sheet's questions; one that the server refuses is found by halves and has none."""
    try:
        async with server.transaction():
            return await _answers(server, sheet, tokens)
    except SchemagenError as error:
        if isinstance(error, RetryableError) or state_of(error) in _NOT_ALLOWED:
            raise
    if len(sheet.questions) == 1:
        return {}
    half = len(sheet.questions) // 2
    answers: dict[str, _Answer] = {}
    for part in (sheet.questions[:half], sheet.questions[half:]):
        answers |= await _fill(server, _Sheet({name: kind for item in part for name, kind in item.columns if name}, part), tokens)
    return answers


async def _answers(server: PostgresqlSession, sheet: _Sheet, tokens: Mapping[ObjectId, str]) -> dict[str, _Answer]:
    table = f"schemagen_{secrets.token_hex(8)}"
    lines = [column_sql(Column(name, _with_tokens(kind, tokens))) for name, kind in sheet.columns.items()]
    for number, question in enumerate(sheet.questions):
        name = str(number)
        if question.is_default:
            lines.append(column_sql(Column(name, _with_tokens(question.columns[0][1], tokens), default=question.expr)))
        elif question.expr is not None:
            lines.append(Check(question.expr, name).sql)
    await server.execute(Sql("CREATE TEMPORARY TABLE {} ({})", ident(table), join(", ", lines)))
    [(path,)] = await server.fetch(Sql("SELECT pg_catalog.current_setting('search_path')"))
    await server.fetch(Sql(_SET_PATH, lit("")))
    read = await server.fetch(Sql(_READ, lit(f"{_TEMPORARY}.{table}")))
    await server.fetch(Sql(_SET_PATH, lit(path)))
    columns = {name: (default, kind) for what, name, default, kind, _ in read if what == "column"}
    checks = {name: _Answer(text, tuple(sorted(refs))) for what, name, text, _, refs in read if what == "check"}
    return {
        question.key: _column_answer(question, *columns[str(number)]) if question.is_default else checks[str(number)]
        for number, question in enumerate(sheet.questions)
    }


def _column_answer(question: _Question, default: str | None, kind: str) -> _Answer:
    return _Answer(kind if question.expr is None else default)


_SET_PATH = "SELECT pg_catalog.set_config('search_path', {}, true)"
_READ = """
SELECT 'column',
    a.attname,
    pg_catalog.pg_get_expr(d.adbin, d.adrelid),
    pg_catalog.format_type(a.atttypid, a.atttypmod),
    NULL::text[]
FROM pg_catalog.pg_attribute AS a
LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = {0}::pg_catalog.regclass AND a.attnum > 0
UNION ALL
SELECT 'check',
    o.conname,
    pg_catalog.pg_get_expr(o.conbin, o.conrelid),
    NULL,
    ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = o.conrelid AND a.attnum = ANY (o.conkey))
FROM pg_catalog.pg_constraint AS o WHERE o.conrelid = {0}::pg_catalog.regclass AND o.contype = 'c'"""
