"""What a single exchange showed is asked again while the target runs; what does not come again is doubted."""

from collections.abc import Container, Iterable, Iterator, Mapping
from functools import cache

from harness.core.confirmation import doubted
from harness.core.exchange import Exchange
from harness.core.finding import Finding
from harness.core.layer import Layer
from harness.core.outcome import Outcome
from harness.judges.judging import judges

#: The step of an exchange that asks again for what another one showed.
STEP = "confirm:"


@cache
def _judging_absence() -> frozenset[str]:
    return frozenset(f"judge:{judge.id}" for judge in judges() if judge.judges_absence)


def seen_once(findings: Iterable[Finding]) -> tuple[str, ...]:
    """Return the exchanges that alone show a fail."""
    found = (item.exchanges[0] for item in findings if _is_seen_once(item))
    return tuple(dict.fromkeys(found))


def confirmed_judgements(
    findings: Iterable[Finding], exchanges: Iterable[Exchange], *, looked: Container[Layer]
) -> Iterator[Finding]:
    """Yield the findings, with those doubted that one exchange showed and its repetition did not.

    `looked` are the layers that asked again before they ended; of others nothing can be held against a fail.
    """
    known = {item.id: item for item in exchanges}
    again = {
        item.step.removeprefix(STEP): item
        for item in known.values()
        if item.step.startswith(STEP) and item.response is not None
    }
    for finding in findings:
        shown = known.get(finding.exchanges[0]) if _is_seen_once(finding) else None
        if shown is None or (shown.id not in again and shown.layer not in looked):
            yield finding
        else:
            yield doubted(finding, _came(finding, again))


def _is_seen_once(finding: Finding) -> bool:
    """One that is read from documents names no exchange, one about what is missing is not shown by any."""
    is_shown = finding.producer not in _judging_absence()
    return is_shown and finding.outcome is Outcome.FAIL and len(finding.exchanges) == 1


def _came(finding: Finding, again: Mapping[str, Exchange]) -> str:
    """A repetition that showed it, too, would be named beside the first."""
    repeated = again.get(finding.exchanges[0])
    if repeated is None or repeated.response is None:
        return "it could not be asked again, and was seen nowhere else"
    return f"answer {repeated.response.status} ({repeated.id}), which does not show it"
