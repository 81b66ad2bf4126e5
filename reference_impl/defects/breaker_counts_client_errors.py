"""A circuit breaker takes answers of 4xx for failures of its upstream."""

from reference_impl.breakers.library.decisions import Classifier, status_of
from reference_impl.breakers.library.states import Verdict
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe


def _is_client_error(outcome: object) -> bool:
    status = status_of(outcome)
    return status is not None and 400 <= status < 500


class _Reclassified:
    """Gives every 4xx one verdict of its own; the rest stays as it is."""

    def __init__(self, right: Classifier, probe: Probe, verdict: Verdict) -> None:
        self._right = right
        self._probe = probe
        self._verdict = verdict

    def of_error(self, error: BaseException) -> Verdict:
        return self._judge(error, self._right.of_error(error))

    def of_result(self, result: object) -> Verdict:
        return self._judge(result, self._right.of_result(result))

    def _judge(self, outcome: object, right: Verdict) -> Verdict:
        if not _is_client_error(outcome):
            return right
        self._probe.reached()
        if right is Verdict.SUCCESS and self._verdict is Verdict.FAILURE:
            self._probe.triggered()
        return self._verdict


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right = policies["breakers.classifier"]
    policies.replace("breakers.classifier", _Reclassified(right, probe, Verdict.FAILURE))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """A 4xx says nothing either way: it is not counted at all."""
    right = policies["breakers.classifier"]
    policies.replace("breakers.classifier", _Reclassified(right, probe, Verdict.IGNORED))


DEFECT = Defect(
    id="breaker-counts-client-errors",
    family="circuit-breaker",
    title="A circuit breaker takes answers of 4xx for failures of its upstream.",
    breaks=("breakers.failures-classified",),
    apply=_apply,
    twin=_twin,
)
