"""The last look at emitted source: only the forms that a module of dataclasses needs, and no string that was not meant."""

from __future__ import annotations

import ast

from schemagen.model.spell import CALLED, SOURCES

_NODES = (
    ast.Module, ast.ImportFrom, ast.Import, ast.alias, ast.ClassDef, ast.Assign, ast.AnnAssign, ast.Expr, ast.Pass,
    ast.Name, ast.Attribute, ast.Constant, ast.Subscript, ast.Tuple, ast.List, ast.Dict, ast.Call, ast.keyword,
    ast.BinOp, ast.BitOr, ast.UnaryOp, ast.USub, ast.Load, ast.Store,
)  # fmt: skip
_ALIASES = frozenset(name for alias, _ in SOURCES.values() for name in (alias, f"{alias}_"))


def check_source(text: str, strings: set[str] | frozenset[str], classes: frozenset[str]) -> None:
    """Raises ValueError where the text holds another form of Python, a call of another function, or a string not in `strings`.

    A schema cannot make that happen; a mistake in this package could, and must not reach a file.
    """
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, _NODES) or not _is_expected(node, strings, classes):
            raise ValueError(f"emitted source holds an unexpected {type(node).__name__} in line {getattr(node, 'lineno', 0)}")


def _is_expected(node: ast.AST, strings: set[str] | frozenset[str], classes: frozenset[str]) -> bool:
    match node:
        case ast.ImportFrom(module=module, names=names):
            known = {"annotations"} if module == "__future__" else set(SOURCES[module][1]) if module in SOURCES else set()
            return all(item.name in known and item.asname is None for item in names)
        case ast.Import(names=names):
            return all(item.name in SOURCES and item.asname in _ALIASES for item in names)
        case ast.ClassDef(name=name, bases=bases, keywords=keywords):
            return name in classes and not keywords and all(_called(base) == "Enum" for base in bases)
        case ast.Call(func=function):
            return _called(function) in CALLED
        case ast.Attribute(value=ast.Name(id=owner)):
            return owner in _ALIASES or owner in classes
        case ast.Expr(value=value):
            return isinstance(value, ast.Constant)
        case ast.Constant(value=str() as value):
            return value in strings
        case ast.Attribute():
            return False
    return True


def _called(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id=owner), attr=name) if owner in _ALIASES:
            return name
    return ""
