"""Why subjects stay open, what would measure them, and how much of the whole that would be."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from harness.core.figures import percent
from harness.core.maturity import AreaScore, ScoredRun
from harness.core.outcome import Outcome
from harness.core.shares import area_shares

#: What to do about a reason, and the lines that do it; `{requirements}` becomes --select flags.
_ADVICE: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "no-consent-writes": ("let the harness write to this target", ("[consent]", "writes = true")),
    "no-consent-faults": (
        "let the harness start the target and inject faults into it",
        ("[launch.processes.server]", 'command = ["..."]', "[consent]", "faults = true"),
    ),
    "no-consent-load": ("allow a load on this target", ("[consent]", "load_rps = 50")),
    "no-identity": (
        "give the harness somebody to act as",
        ("[[identities]]", 'name = "alice"', 'kind = "bearer"', 'secret = "${ALICE_TOKEN}"'),
    ),
    "no-control": ("start the target with its control API on", ("harness run TARGET_FILE",)),
    "no-container-engine": ("run where containers can be started", ("harness doctor",)),
    "layer-not-selected": ("run every layer", ("harness run TARGET",)),
    "requirement-not-selected": ("run without --select and --ignore", ("harness run TARGET",)),
    "no-producer": ("no installed check judges this yet", ()),
    "exempt": ("its owner excused it; let the exemption end", ()),
    "never-judged": (
        "no check reached these subjects; run the requirements alone and deeper",
        ("harness run TARGET --depth full {requirements}",),
    ),
    "never-planned": ("the run ended before it had a plan", ("harness run TARGET",)),
    "layer-timed-out": ("give the layer more time", ("harness run TARGET --depth full {requirements}",)),
    "layer-crashed": ("see the layer's log in the run folder, then run it again", ("harness doctor",)),
    "layer-nothing-ran": ("the layer found nothing to do; see its log", ("harness doctor",)),
    "layer-interrupted": ("let the run come to its end", ("harness run TARGET",)),
    "layer-not-reached": ("let the run come to its end", ("harness run TARGET",)),
    "layer-skipped": ("give the layer what it works with, see the plan", ("harness plan TARGET",)),
    "layer-not-completed": ("let the run come to its end", ("harness run TARGET",)),
    "canary-failed": ("the check cannot be trusted here; see its canary", ("harness doctor",)),
    "no-success-seen": (
        "the operation never succeeded: add examples to its document, or an identity that may call it",
        ("[[identities]]",),
    ),
}
_OTHERWISE = ("see the findings for the reason", ("harness run TARGET --depth full {requirements}",))
_MOST_SELECTED = 4
_MOST_WORTH = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """One reason for open subjects; `share` is what measuring them would add to the measured share."""

    reason: str
    subjects: int
    share: Fraction
    requirements: tuple[str, ...]
    advice: str
    lines: tuple[str, ...]


def gain(share: Fraction) -> str:
    """Return what measuring something adds, e.g. `+12 %`."""
    return f"+{percent(share)} %" if percent(share) else "under 1 %"


def openings(scored: ScoredRun) -> tuple[Opening, ...]:
    """Return the reasons for open subjects, the one that would measure most first."""
    shares: dict[str, Fraction] = {}
    subjects: dict[str, int] = {}
    requirements: dict[str, list[str]] = {}
    for area in scored.maturity.areas:
        for requirement, reason, share in _open_cells(area):
            shares[reason] = shares.get(reason, Fraction(0)) + share / len(scored.maturity.areas)
            subjects[reason] = subjects.get(reason, 0) + 1
            named = requirements.setdefault(reason, [])
            if requirement not in named:
                named.append(requirement)
    found = [
        _opening(reason, subjects[reason], share, requirements[reason]) for reason, share in shares.items()
    ]
    return tuple(sorted(found, key=lambda item: (-item.share, item.reason)))


def worth_adding(scored: ScoredRun) -> tuple[Opening, ...]:
    """Return the two things that would measure most more.

    Lines of a target file come before commands, but not those that add next to nothing.
    """
    listed = [item for item in openings(scored) if item.lines]

    def rank(item: Opening) -> bool:
        return not (item.lines[0].startswith("[") and percent(item.share))

    return tuple(sorted(listed, key=rank)[:_MOST_WORTH])


def _opening(reason: str, subjects: int, share: Fraction, requirements: list[str]) -> Opening:
    advice, lines = _ADVICE.get(reason, _OTHERWISE)
    flags = " ".join(f"--select {name}" for name in requirements[:_MOST_SELECTED])
    return Opening(
        reason=reason,
        subjects=subjects,
        share=share,
        requirements=tuple(requirements),
        advice=advice,
        lines=tuple(line.replace("{requirements}", flags) for line in lines),
    )


def _open_cells(area: AreaScore) -> list[tuple[str, str, Fraction]]:
    """Return requirement, reason and share of the area for each cell that was not measured."""
    applicable = [item for item in area.requirements if item.outcome is not Outcome.NOT_APPLICABLE]
    shares = area_shares([item.requirement for item in applicable])
    found = []
    for item, share in zip(applicable, shares, strict=True):
        subjects = [cell for cell in item.subjects if cell.outcome is not Outcome.NOT_APPLICABLE]
        found += [
            (item.requirement.id, cell.reason, share / len(subjects))
            for cell in subjects
            if not cell.outcome.is_conclusive
        ]
    return found
