"""All destinations of a channel share one breaker, so that one that fails closes the way to all."""

from reference_impl.breakers.library.decisions import Scope
from reference_impl.breakers.registry import family_of
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe


class _OneForAll:
    """Forgets the destination; wrong as soon as there is a second one."""

    def __init__(self, right: Scope, probe: Probe) -> None:
        self._right = right
        self._probe = probe
        self._first: dict[str, str] = {}

    def key(self, name: str, tenant: str) -> str:
        family = family_of(name)
        if name != family:
            self._probe.reached()
        if self._first.setdefault(family, name) != name:
            self._probe.triggered()
        return self._right.key(family, tenant)


class _InLowerCase:
    """The twin: host names in any case are one destination."""

    def __init__(self, right: Scope, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def key(self, name: str, tenant: str) -> str:
        self._probe.reached()
        return self._right.key(name.lower(), tenant)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("breakers.scope", _OneForAll(policies["breakers.scope"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("breakers.scope", _InLowerCase(policies["breakers.scope"], probe))


DEFECT = Defect(
    id="breaker-shared-over-destinations",
    family="circuit-breaker",
    title="All destinations of a channel share one breaker, so that one that fails closes the way to all.",
    breaks=("breakers.destinations-apart",),
    apply=_apply,
    twin=_twin,
)
