"""The house keeps its floors and sizes: what may import what, how long a module and a function may be, who may await."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGE = ROOT / "schemagen"
FLOORS = {
    "errors": 0, "names": 0, "options": 0, "jsontext": 0, "url": 0, "sql": 0,
    "document": 1, "sources": 1, "shape": 2, "model": 3, "catalog": 4, "records": 5, "plan": 5, "dialects": 6,
    "load": 7, "dump": 7, "deploy": 7, "engine": 8, "cli": 9,
}  # fmt: skip
MODULES = sorted(path for path in PACKAGE.rglob("*.py"))
# `link` is the part of PostgreSQL's session that connects.
SHELL = ("session", "link", "inspect", "canonical", "oracle", "bulk", "driver")
MAY_AWAIT = (*(f"dialects/*/{name}.py" for name in SHELL), "load/commit.py", "load/run.py", "dump/dump.py", "deploy/run.py",
             "engine/*.py", "cli/*.py")  # fmt: skip


def room_of(path: Path) -> tuple[str, ...]:
    return path.relative_to(PACKAGE).with_suffix("").parts


def imports_of(path: Path, everywhere: bool = True) -> set[str]:
    """Dotted names of schemagen modules that a module imports; with `everywhere` inside functions too, else when it is imported."""
    tree = ast.parse(path.read_text())
    nodes = ast.walk(tree) if everywhere else _import_time(tree)
    found = set()
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "schemagen":
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.split(".")[0] == "schemagen"}
    return found


def _import_time(tree: ast.Module) -> list[ast.AST]:
    """Statements that run on import: not in functions, not under TYPE_CHECKING."""
    found: list[ast.AST] = []
    queue: list[ast.AST] = list(tree.body)
    while queue:
        node = queue.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or (
            isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        ):
            continue
        found.append(node)
        queue += [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt)]
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_module_imports_only_lower_floors_and_its_own_room(path: Path) -> None:
    room = room_of(path)
    if room == ("__init__",):
        return
    floor = FLOORS[room[0]]
    for name in imports_of(path):
        parts = name.split(".")[1:]
        if not parts:
            continue
        assert parts[0] in FLOORS or not (PACKAGE / parts[0]).exists(), f"{name}: no such room"
        if parts[0] not in FLOORS or parts[0] == room[0]:
            shared = (room[1], "base", "common", "conversions") if len(room) > 2 else parts
            same_dialect = room[0] != "dialects" or len(parts) < 3 or parts[1] in shared
            assert same_dialect, f"a dialect imports another: {name}"
            continue
        assert FLOORS[parts[0]] < floor or (floor == 0 and room[0] != "errors"), f"{'/'.join(room)} imports {name}, which is not below it"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_module_and_its_functions_keep_their_size(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= 400, "a module owns one idea: at most 400 lines"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            assert lines <= 60, f"{node.name} has {lines} lines: at 60 it is two functions"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_module_has_a_docstring(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text())), "one sentence: what the module owns"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_the_shell_awaits(path: Path) -> None:
    relative = path.relative_to(PACKAGE)
    if any(relative.match(pattern) for pattern in MAY_AWAIT):
        return
    waits = [node.lineno for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith)]
    assert not waits, f"await outside the shell, in lines {waits}"


def test_imports_have_no_cycle() -> None:
    names = {".".join(("schemagen", *room_of(path))).removesuffix(".__init__"): path for path in MODULES}
    graph = {name: {item for item in imports_of(path, everywhere=False) if item in names and item != name} for name, path in names.items()}
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, f"cycle: {' -> '.join((*trail, name))}"
        if name in done:
            return
        for other in sorted(graph[name]):
            visit(other, (*trail, name))
        done.add(name)

    for name in sorted(graph):
        visit(name, ())


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_broad_except_and_no_pickle_file(path: Path) -> None:
    relative = str(path.relative_to(PACKAGE))
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ExceptHandler) and relative != "cli/main.py":
            assert node.type is not None, f"bare except in line {node.lineno}"
            assert not (isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException") and not _raises(node)), (
                f"line {node.lineno}"
            )
        assert not (isinstance(node, ast.Import) and any(alias.name == "pickle" for alias in node.names)), "no pickle"


def _raises(handler: ast.ExceptHandler) -> bool:
    return any(isinstance(node, ast.Raise) for node in ast.walk(handler))


@pytest.mark.parametrize("path", [path for path in MODULES if FLOORS.get(room_of(path)[0]) == 0], ids=lambda path: path.stem)
def test_ground_stands_on_the_standard_library_alone(path: Path) -> None:
    names = {alias.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)}
    packages = {name.partition(".")[0] for name in names}
    assert packages <= {*sys.stdlib_module_names, "schemagen"}, f"the ground needs no package: {sorted(packages)}"


STARTED = {
    "Thread",
    "ThreadPoolExecutor",
    "ProcessPoolExecutor",
    "Pool",
    "Lock",
    "RLock",
    "Event",
    "Condition",
    "Semaphore",
    "open",
    "mkdtemp",
}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nothing_is_started_or_opened_on_import(path: Path) -> None:
    """A thread or a lock of a module does not live on in a process that is forked."""
    for statement in _import_time(ast.parse(path.read_text())):
        if isinstance(statement, ast.ClassDef):
            continue
        for node in ast.walk(statement):
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                assert called not in STARTED, f"{called} in line {node.lineno}"
