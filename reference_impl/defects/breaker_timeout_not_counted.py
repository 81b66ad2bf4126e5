"""A call that was not answered in time is no failure for the circuit breaker."""

import httpx

from reference_impl.breakers.library.decisions import Classifier
from reference_impl.breakers.library.states import Verdict
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe


class _Patient:
    """Counts a call only when something came back; `verdict` is what a timeout is taken for."""

    def __init__(self, right: Classifier, probe: Probe, verdict: Verdict) -> None:
        self._right = right
        self._probe = probe
        self._verdict = verdict

    def of_error(self, error: BaseException) -> Verdict:
        if not isinstance(error, httpx.TimeoutException):
            return self._right.of_error(error)
        self._probe.reached()
        if self._verdict is not Verdict.FAILURE:
            self._probe.triggered()
        return self._verdict

    def of_result(self, result: object) -> Verdict:
        return self._right.of_result(result)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right = policies["breakers.classifier"]
    policies.replace("breakers.classifier", _Patient(right, probe, Verdict.SUCCESS))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """A timeout is a failure, and counted apart."""
    right = policies["breakers.classifier"]
    policies.replace("breakers.classifier", _Patient(right, probe, Verdict.FAILURE))


DEFECT = Defect(
    id="breaker-timeout-not-counted",
    family="circuit-breaker",
    title="A call that was not answered in time is no failure for the circuit breaker.",
    breaks=("breakers.failures-classified",),
    apply=_apply,
    twin=_twin,
)
