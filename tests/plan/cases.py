"""Case files of plans: two catalogs, what the data answers and what is allowed, and the plan as text for each kind of server."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path

from schemagen.catalog.objects import Catalog
from schemagen.deploy.probe import query_text
from schemagen.dialects.base import dialect_named
from schemagen.options import PlanOptions
from schemagen.plan.make import build_plan
from schemagen.plan.plan import Plan, Probe
from schemagen.plan.scope import in_scope
from tests.conftest import ROOT
from tests.plan.notation import catalog_of
from tests.plan.servers import SERVERS, server

FOLDER = ROOT / "tests" / "cases" / "plan"
FILES = sorted(FOLDER.glob("*.case"))


@dataclass
class Case:
    """`options`: lines such as `allow DROP_TABLE:*`, `empty drops`, `large rows 10`. `answers`: count by probe kind and place."""

    before: str = ""
    after: str = ""
    outside: str = ""
    options: PlanOptions = field(default_factory=PlanOptions)
    answers: dict[str, int] | None = None
    plans: dict[str, str] = field(default_factory=dict)

    def plan(self, flavor: str, answers: dict[Probe, int] | None = None) -> Plan:
        """The plan for a kind of server; where the case has answers, made a second time with them."""
        before, after = (catalog_of(text, flavor) for text in (self.before, self.after))
        made = build_plan(
            before,
            after,
            dialect=flavor,
            server=server(flavor),
            traits=SERVERS[flavor],
            options=self.options,
            assumed=self.answers is None,
            answers=answers or {},
            outside=in_scope(catalog_of(self.outside), None) if self.outside else Catalog(),
            show=lambda probe: query_text(probe, dialect_named("ansi")),
        )
        if self.answers is None or answers is not None:
            return made
        asked = [replace(probe, answer=None) for probe in made.probes]
        return self.plan(flavor, {probe: self.answers.get(place(probe), 0) for probe in asked})


def place(probe: Probe) -> str:
    """A probe as cases name it: `NULLS order.note`."""
    return f"{probe.kind} {'.'.join((str(probe.table), *probe.columns[:1]))}"


def read_case(path: Path) -> Case:
    case = Case()
    for name, text in re.findall(r"^--- (\S+)\n(.*?)(?=^--- |\Z)", path.read_text(), re.MULTILINE | re.DOTALL):
        match name:
            case "before" | "after" | "outside":
                setattr(case, name, text)
            case "answers":
                pairs = (line.rsplit(" = ", 1) for line in text.splitlines() if line.strip())
                case.answers = {key: int(value) for key, value in pairs}
            case "options":
                case.options = _options(text)
            case _:
                case.plans[name] = text.strip("\n")
    return case


def _options(text: str) -> PlanOptions:
    options = PlanOptions()
    for line in text.splitlines():
        word, _, rest = line.partition(" ")
        match word:
            case "allow":
                options = replace(options, allow=(*options.allow, rest))
            case "empty":
                options = replace(options, allow_empty_drops=True)
            case _:
                continue
    return options
