"""How long a run took to see a defect, read from the recorded exchanges."""

from datetime import datetime

from harness.core.exchange import Exchange
from harness.core.layer import Layer
from harness.core.maturity import ScoredRun
from harness.proving.attribution import new_failures
from harness.proving.defects import Defect


def detected_after(defect: Defect, clean: ScoredRun, defective: ScoredRun) -> float | None:
    """Return the seconds from a layer's first shown request to the first that shows the defect."""
    starts: dict[Layer, float] = {}
    timed = {name: item for name, item in defective.exchanges.items() if item.started}
    for exchange in timed.values():
        at = _seconds(exchange)
        starts[exchange.layer] = min(at, starts.get(exchange.layer, at))
    seen = [
        timed[identity]
        for (requirement, _), findings in new_failures(clean, defective).items()
        if requirement in defect.breaks
        for finding in findings
        for identity in finding.exchanges
        if identity in timed
    ]
    waits = [_seconds(item) - starts[item.layer] for item in seen]
    return round(min(waits), 3) if waits else None


def _seconds(exchange: Exchange) -> float:
    return datetime.fromisoformat(exchange.started).timestamp()
