"""When a credential was dead, read from the record, and what that means for what was found then; pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from harness.core.exchange import Exchange
from harness.core.finding import Finding
from harness.core.layer import Layer
from harness.core.operation import Operations
from harness.core.outcome import Outcome

#: The step of a question that only asks whether a credential still opens what it opened.
STEP = "vigil:"
CREDENTIAL_DIED = "credential-died"

_REFUSED = frozenset({401, 403})
_FOR_EVER = "9999"


@dataclass(frozen=True, slots=True, kw_only=True)
class Death:
    """A time in which a credential of a layer was refused, by the moments of the record."""

    layer: Layer
    identity: str
    start: str
    end: str

    def holds(self, exchange: Exchange) -> bool:
        """Whether an exchange was made with the credential while it was dead."""
        is_its_own = exchange.layer is self.layer and exchange.identity == self.identity
        return is_its_own and self.start <= exchange.started <= self.end


def deaths(exchanges: Iterable[Exchange], operations: Operations) -> tuple[Death, ...]:
    """Return the deaths: from the first 401 after the last good vigil, to the next good one.

    What the document leaves open refuses something else than the credential: a log-in refuses a password.
    """
    says_what_is_open = any(item.is_secured for item in operations)
    found: list[Death] = []
    first_refusal: dict[tuple[Layer, str], str] = {}
    dead_since: dict[tuple[Layer, str], str] = {}
    for exchange in sorted(exchanges, key=lambda item: item.started):
        status = exchange.response.status if exchange.response else 0
        key = (exchange.layer, exchange.identity)
        if not exchange.identity or not status:
            continue
        if status == 401 and not (says_what_is_open and _is_open(exchange, operations)):
            first_refusal.setdefault(key, exchange.started)
        if not exchange.step.startswith(STEP):
            continue
        if status in _REFUSED:
            dead_since.setdefault(key, first_refusal.get(key, exchange.started))
        elif status < 300:
            first_refusal.pop(key, None)
            if start := dead_since.pop(key, ""):
                found.append(Death(layer=key[0], identity=key[1], start=start, end=exchange.started))
    left = (
        Death(layer=layer, identity=name, start=start, end=_FOR_EVER)
        for (layer, name), start in dead_since.items()
    )
    return (*found, *left)


def _is_open(exchange: Exchange, operations: Operations) -> bool:
    operation = operations.find(exchange.request.method, exchange.request.path)
    return operation is not None and not operation.is_secured


def beyond_deaths(
    findings: Iterable[Finding], exchanges: Mapping[str, Exchange], died: Sequence[Death]
) -> Iterator[Finding]:
    """Yield findings with the fails made inconclusive that a dead credential may have caused.

    A judge's fail stands when an exchange that it names was made with a live one: each of them shows it.
    """
    for finding in findings:
        death = _blamed(finding, exchanges, died) if finding.outcome is Outcome.FAIL else None
        yield finding if death is None else _excused(finding, death)


def _blamed(finding: Finding, exchanges: Mapping[str, Exchange], died: Sequence[Death]) -> Death | None:
    named = [exchanges[name] for name in finding.exchanges if name in exchanges]
    during = [next((death for death in died if death.holds(item)), None) for item in named]
    needed = all if finding.layer is Layer.JUDGES else any
    return next((death for death in during if death), None) if during and needed(during) else None


def _excused(finding: Finding, death: Death) -> Finding:
    return replace(
        finding,
        outcome=Outcome.INCONCLUSIVE,
        reason=CREDENTIAL_DIED,
        seen=f"The credential of {death.identity} was refused from {death.start} on; then: {finding.seen}",
    )
