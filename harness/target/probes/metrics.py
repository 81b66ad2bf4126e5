"""Metrics in the Prometheus text format."""

import re

from harness.core.plan import Capability, CapabilityState
from harness.target.probes.protocol import Asking, Probe, capability, said, state_of

PATHS = ("/metrics", "/actuator/prometheus")
_SERIES = re.compile(r"^[a-zA-Z_:][a-zA-Z0-9_:]*(\{.*\})? [-+.0-9eENaInf]+", re.MULTILINE)


def ask(asking: Asking) -> Capability:
    """Ask each usual path; a page of another kind is no metrics."""
    seen = []
    for path in PATHS:
        answer = asking.get("metrics", path)
        if isinstance(answer, str) or answer.status_code >= 500:
            return capability("metrics", CapabilityState.BROKEN, said(answer))
        if state_of(answer) is CapabilityState.PRESENT and has_series(answer.text):
            return capability("metrics", CapabilityState.PRESENT, said(answer), (path,))
        seen.append(said(answer))
    return capability("metrics", CapabilityState.ABSENT, "; ".join(seen))


def has_series(text: str) -> bool:
    """Whether a page holds series in the text format."""
    return _SERIES.search(text) is not None


PROBE = Probe(id="metrics", ask=ask, requirement="monitoring.metrics-served")
