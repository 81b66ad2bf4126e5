"""The named decisions of breakers; the decisions themselves are the library's."""

from typing import Any

from reference_impl.breakers.library import decisions
from reference_impl.breakers.library.decisions import Decisions
from reference_impl.kit.policies import Policies

_DEFAULTS: dict[str, Any] = {
    "breakers.classifier": decisions.UpstreamHealth(),
    "breakers.opening": decisions.AtThreshold(),
    "breakers.half_open_permits": decisions.StrictPermits(),
    "breakers.probe_outcome": decisions.AllMustSucceed(),
    "breakers.permit_return": decisions.AlwaysReturned(),
    "breakers.probe_reclaim": decisions.AfterTimeout(),
    "breakers.scope": decisions.PerTenant(),
}


def register(policies: Policies) -> Decisions:
    """Name the decisions and take back those in force."""
    for name, policy in _DEFAULTS.items():
        policies.register(name, policy)
    return Decisions(
        classifier=policies["breakers.classifier"],
        opening=policies["breakers.opening"],
        half_open_permits=policies["breakers.half_open_permits"],
        probe_outcome=policies["breakers.probe_outcome"],
        permit_return=policies["breakers.permit_return"],
        probe_reclaim=policies["breakers.probe_reclaim"],
        scope=policies["breakers.scope"],
    )
