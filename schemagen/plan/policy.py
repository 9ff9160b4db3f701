"""What became of hazards: which the data or a token let pass, and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from schemagen.errors import SchemagenError
from schemagen.options import PlanOptions
from schemagen.plan.plan import Hazard, Plan, Probe, Refusal, token_matches


def judged(hazard: Hazard, options: PlanOptions, answers: Mapping[Probe, int]) -> Hazard:
    """The hazard with its probe's answer and what became of it. A token counts for nothing where something is known to need repair."""
    probe = hazard.cleared_by
    if probe is not None:
        probe = replace(probe, answer=answers.get(probe))
        hazard = replace(hazard, cleared_by=probe)
    if not hazard.needs_allow:
        return replace(hazard, status="shown")
    known = probe is None or probe.answer is not None
    if probe is not None and probe.answer is not None and probe.answer <= hazard.limit:
        return replace(hazard, status="cleared")
    if hazard.allowed_by(options.allow) and not (known and hazard.repair):
        return replace(hazard, status="allowed")
    if probe is None or probe.answer is None:
        return replace(hazard, status="open" if probe is not None else "refused")
    counted = f"{'rows' if hazard.limit else 'rows in the way'}: {probe.answer:,}"
    return replace(hazard, reason=f"{hazard.reason}; {counted}", status="refused")


def refusals_of(hazards: Iterable[Hazard], show: Callable[[Probe], str]) -> tuple[Refusal, ...]:
    """One refusal for each refused kind and object. `show`: the text of a probe's query."""
    refused = {(hazard.kind, hazard.object): hazard for hazard in hazards if hazard.status == "refused"}
    return tuple(Refusal(hazard, _query(hazard, show)) for hazard in refused.values())


def _query(hazard: Hazard, show: Callable[[Probe], str]) -> str:
    """What counts the rows to be repaired; nobody needs to be told how a table's rows are counted."""
    probe = hazard.cleared_by
    return show(probe) if hazard.repair and probe is not None and probe.kind != "ROWS" else ""


def refuse(plan: Plan, consequence: str) -> None:
    """Raises SchemagenError REFUSED with the first refusal, what would let it pass, and how many more there are."""
    if plan.refusals:
        first, *others = plan.refusals
        place, sentence = first.hazard.object, str(first).removeprefix(f"{first.hazard.object}: ")
        more = f"; and {len(others)} more" if others else ""
        raise SchemagenError("REFUSED", place, f"{sentence}; {consequence}{more}")


def idle_tokens(options: PlanOptions, hazards: Iterable[Hazard]) -> tuple[str, ...]:
    """Tokens that meet no hazard of the plan; `*:*` asks for none."""
    known = {(hazard.kind, hazard.object) for hazard in hazards}
    tokens = (token for token in dict.fromkeys(options.allow) if token != "*:*")
    return tuple(token for token in tokens if not any(token_matches(token, *item) for item in known))
