"""`make long-corpus`: every public schema of the corpus through the whole house, and its documents in and out of two databases.

Prints a report by reason, and adds one line with commit and figures to results.md.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import traceback
import typing
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
import jsonschema

from schemagen import GeneratorOptions, SchemagenError, SchemaOptions, connect, create_script, emit_source, read_schema, relate
from schemagen.model.reflect import reflect
from tests.conftest import ROOT
from tests.oracles.equal import normal, parse
from tests.servers.postgresql import PostgresqlServer, running

CORPUS = ROOT.parent / "shared" / "corpus" / "schemastore"
OPTIONS = SchemaOptions(ref_map=tuple((f"https://{host}.schemastore.org/", str(CORPUS / "schemas")) for host in ("json", "www")))
NOT_TABULAR = {"ROOT_NOT_TABULAR", "BAD_REF"}


@dataclass
class Report:
    """Counts, and the names behind them."""

    refused: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    failed: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    documents: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)
    made: int = 0
    tabular: int = 0
    total: int = 0

    def fail(self, what: str, name: str, detail: object = "") -> None:
        self.failed[what].append(name)
        print(f"{what}: {name}: {str(detail)[:300]}", file=sys.stderr, flush=True)


def main() -> int:
    names = sys.argv[1:] or sorted(path.stem for path in (CORPUS / "schemas").glob("*.json"))
    report = Report()
    with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "pg") as server:
        for name in names:
            report.total += 1
            try:
                one(name, report, Path(folder), server)
            except SchemagenError as error:
                report.fail(f"refused late, {error.kind}", name, error)
            except Exception:  # noqa: BLE001  # the report counts tracebacks
                report.fail("traceback", name, traceback.format_exc()[-1500:])
    text = summary(report)
    print(text)
    if len(names) > 500:
        keep(report)
    return 1 if report.failed.get("traceback") else 0


def one(name: str, report: Report, folder: Path, server: PostgresqlServer) -> None:
    path = CORPUS / "schemas" / f"{name}.json"
    verdicts(name, path, report)
    try:
        module = read_schema(path, OPTIONS)
    except SchemagenError as error:
        report.refused[error.kind].append(name)
        report.tabular += error.kind not in NOT_TABULAR
        return
    report.tabular += 1
    source_is_equal(name, module, report)
    catalog = relate(module, GeneratorOptions())
    duckdb.connect(":memory:").execute(create_script(catalog, "duckdb"))
    database = f"corpus_{report.total}"
    server.psql(f"CREATE DATABASE {database}")
    try:
        script = folder / "create.sql"
        script.write_text(create_script(catalog, "postgresql"))
        command = [server.bin / "psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-h", server.socket, "-U", "postgres", "-d", database, "-f", script]
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
        if done.returncode:
            report.fail("DDL on PostgreSQL", name, done.stderr)
            return
        report.made += 1
        documents = valid_documents(name, path)
        if documents:
            asyncio.run(round_trip(name, module, documents, server.url(database), "PostgreSQL", report))
            target = folder / f"{name}.duckdb"
            asyncio.run(round_trip(name, module, documents, f"duckdb:///{target}", "DuckDB", report))
            target.unlink(missing_ok=True)
    finally:
        server.psql(f"DROP DATABASE {database} WITH (FORCE)")


def source_is_equal(name: str, module: ModuleType, report: Report) -> None:
    text = emit_source(module)
    again = ModuleType(f"corpus_{report.total}")
    sys.modules[again.__name__] = again
    exec(compile(text, f"{name}.py", "exec"), again.__dict__)  # noqa: S102  # our own output
    if reflect(again) != reflect(module):
        report.fail("source differs from module", name)
    for item in list(vars(again).values()):
        if isinstance(item, type) and item.__module__ == again.__name__:
            typing.get_type_hints(item, include_extras=True)
    del sys.modules[again.__name__]


def valid_documents(name: str, path: Path) -> list[Path]:
    """The documents that jsonschema holds to be valid."""
    return [item for item in sorted((CORPUS / "valid" / name).glob("*.json")) if judged(path, item) is True]


_VALIDATORS: dict[Path, Any] = {}


def judged(path: Path, document: Path) -> bool | None:
    """jsonschema's verdict, with the draft that the schema names, formats not asserted; None where it cannot judge."""
    try:
        if path not in _VALIDATORS:
            schema = json.loads(path.read_text())
            kind = jsonschema.validators.validator_for(schema, default=jsonschema.Draft202012Validator)
            _VALIDATORS[path] = kind(schema, registry=registry())
        return bool(_VALIDATORS[path].is_valid(json.loads(document.read_text())))
    except Exception:  # noqa: BLE001  # the oracle's own limits: patterns that re cannot read, references that lead nowhere
        return None


def registry() -> Any:
    import referencing
    from referencing.jsonschema import DRAFT7

    def retrieve(uri: str) -> Any:
        stem = uri.split("#")[0].rstrip("/").rsplit("/", 1)[-1]
        for candidate in (CORPUS / "schemas" / stem, CORPUS / "schemas" / f"{stem}.json"):
            if candidate.is_file():
                return referencing.Resource.from_contents(json.loads(candidate.read_text()), default_specification=DRAFT7)
        raise referencing.exceptions.NoSuchResource(ref=uri)

    import jsonschema_specifications

    return referencing.Registry(retrieve=retrieve).combine(jsonschema_specifications.REGISTRY)


async def round_trip(name: str, module: ModuleType, documents: list[Path], url: str, where: str, report: Report) -> None:
    """All documents in, as records; the dump must give them back."""
    entity = next(item for item in vars(module).values() if isinstance(item, type) and hasattr(item, "__schemagen__"))
    rejects = Path(tempfile.mkstemp(suffix=".jsonl")[1])
    try:
        async with connect(url, GeneratorOptions()) as connection:
            await connection.load(entity, [str(item) for item in documents], mode="insert", rejects=str(rejects))
            dumped = Counter([normal(parse(json.dumps(record, default=str))) async for record in connection.dump(entity)])
        rejected = [json.loads(line) for line in rejects.read_text().splitlines()]
    except SchemagenError as error:
        report.documents[f"{where}: refused {error.kind}"] += len(documents)
        report.fail(f"load on {where}", name, error)
        return
    finally:
        rejects.unlink()
    expected: Counter[Any] = Counter()
    for item in documents:
        value = parse(item.read_text())
        items = value if isinstance(value, list) and module_takes_items(entity) else [value]
        expected += Counter(normal(one) for one in items)
    for reject in rejected:
        report.documents[f"{where}: rejected {reject['code']}"] += 1
        expected -= Counter([normal(parse(reject["record"]))])
    missing = expected - dumped
    report.documents[f"{where}: equal"] += sum(expected.values()) - sum(missing.values())
    if missing or dumped - expected:
        report.documents[f"{where}: different"] += sum(missing.values())
        report.fail(f"round trip on {where}", name, (list(missing)[:1], list(dumped - expected)[:1]))


def module_takes_items(entity: Any) -> bool:
    return str(entity.__schemagen__.pointer).endswith("/items")


def verdicts(name: str, path: Path, report: Report) -> None:
    """`check` must judge each document as jsonschema does."""
    expected: dict[Path, bool] = {}
    for document in [item for kind in ("valid", "invalid") for item in sorted((CORPUS / kind / name).glob("*.json"))]:
        verdict = judged(path, document)
        if verdict is None:
            report.verdicts["not judged by jsonschema"] += 1
        elif isinstance(json.loads(document.read_text()), list):
            report.verdicts["a list, whose items may be the records"] += 1
        else:
            expected[document] = verdict
    if not expected:
        return
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as rejects:
        command = [sys.executable, "-m", "schemagen.cli.main", "check", str(path), *map(str, expected), "--rejects", rejects.name]
        for prefix, target in OPTIONS.ref_map:
            command += ["--ref-map", f"{prefix}={target}"]
        done = subprocess.run(command, capture_output=True, text=True)
        refused = {json.loads(line)["file"] for line in Path(rejects.name).read_text().splitlines()}
    if done.returncode == 2:
        report.verdicts[f"refused {done.stderr.partition(':')[0]}"] += len(expected)
        return
    for document, verdict in expected.items():
        same = (str(document) not in refused) == verdict
        report.verdicts["equal" if same else "different"] += 1
        if not same:
            report.fail("verdict differs", f"{name}/{document.name}", f"jsonschema says {verdict}")


def summary(report: Report) -> str:
    lines = [f"{report.total} schemas, {report.tabular} tabular, {report.made} made", "refused:"]
    lines += [f"  {kind:20} {len(names):4}  {', '.join(names[:6])}" for kind, names in sorted(report.refused.items())]
    lines += ["failed:"] + [f"  {kind:30} {len(names):4}  {', '.join(names[:6])}" for kind, names in sorted(report.failed.items())]
    lines += ["documents:"] + [f"  {kind:40} {count:5}" for kind, count in sorted(report.documents.items())]
    lines += ["verdicts of check:"] + [f"  {kind:40} {count:5}" for kind, count in sorted(report.verdicts.items())]
    return "\n".join(lines)


def keep(report: Report) -> None:
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    equal = sum(count for kind, count in report.documents.items() if kind.endswith("equal"))
    everything = sum(report.documents.values())
    line = (
        f"- corpus, {commit}: {report.total} schemas, {report.tabular} tabular, {report.made} made on both servers; "
        f"{len(report.failed.get('traceback', ()))} tracebacks; {equal} of {everything} documents equal; "
        f"verdicts: {report.verdicts['equal']} equal, {report.verdicts['different']} different\n"
    )
    with (Path(__file__).parent / "results.md").open("a") as stream:
        stream.write(line)


if __name__ == "__main__":
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
    if not CORPUS.is_dir():
        print(f"skipped: there is no corpus of public schemas at {CORPUS}")
        sys.exit(0)
    sys.exit(main())
