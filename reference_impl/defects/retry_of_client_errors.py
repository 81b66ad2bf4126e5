"""A call that the provider refused with a 4xx is made again."""

from collections.abc import Callable

import httpx

from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe

_MayRetry = Callable[[str, httpx.Response | None], bool]


class _Insistent:
    """Takes a refusal for a passing mood; a 429 is left to what is right."""

    def __init__(self, right: _MayRetry, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, method: str, response: httpx.Response | None) -> bool:
        self._probe.reached()
        if self._right(method, response) or response is None or not response.is_client_error:
            return self._right(method, response)
        if response.status_code == 429:
            return False
        self._probe.triggered()
        return True


class _Never:
    """The twin: tries nothing twice."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe

    def __call__(self, _method: str, _response: httpx.Response | None) -> bool:
        self._probe.reached()
        return False


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("http.may_retry", _Insistent(policies["http.may_retry"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("http.may_retry", _Never(probe))


DEFECT = Defect(
    id="retry-of-client-errors",
    family="retry",
    title="A call that the provider refused with a 4xx is made again.",
    breaks=("search.calls-bounded",),
    apply=_apply,
    twin=_twin,
)
