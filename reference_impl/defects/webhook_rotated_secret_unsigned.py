"""While a webhook secret is being replaced only the new one signs."""

from collections.abc import Callable, Sequence

from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe

Secrets = Callable[[Sequence[bytes]], Sequence[bytes]]


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: Secrets = policies["webhook.signing_secrets"]

    def newest_only(secrets: Sequence[bytes]) -> Sequence[bytes]:
        probe.reached()
        if len(secrets) > 1:
            probe.triggered()
        return right(secrets)[:1]

    policies.replace("webhook.signing_secrets", newest_only)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """The signatures in another order."""
    right: Secrets = policies["webhook.signing_secrets"]

    def oldest_first(secrets: Sequence[bytes]) -> Sequence[bytes]:
        probe.reached()
        return tuple(reversed(right(secrets)))

    policies.replace("webhook.signing_secrets", oldest_first)


DEFECT = Defect(
    id="webhook-rotated-secret-unsigned",
    family="webhook",
    title="While a webhook secret is being replaced only the new one signs.",
    breaks=("hub.webhook-secrets-overlap",),
    apply=_apply,
    twin=_twin,
)
