"""Arguments that a tool does not know are left out and the rest is carried out."""

from collections.abc import Mapping
from typing import Any

from reference_impl.defects.mechanism import Defect
from reference_impl.kit.model import Wire
from reference_impl.kit.policies import PolicyTable, Probe
from reference_impl.mcp.policies import ReadArguments


class _Lenient:
    """Takes what it knows."""

    def __init__(self, right: ReadArguments, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, model: type[Wire], given: object) -> Mapping[str, Any]:
        self._probe.reached()
        known = (
            {name: given[name] for name in model.model_fields if name in given}
            if isinstance(given, dict)
            else {}
        )
        read = self._right(model, known)
        if known != given:
            self._probe.triggered()
        return read


class _Copied:
    """The twin: reads a copy of the arguments."""

    def __init__(self, right: ReadArguments, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, model: type[Wire], given: object) -> Mapping[str, Any]:
        self._probe.reached()
        return self._right(model, dict(given) if isinstance(given, dict) else given)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("mcp.arguments", _Lenient(policies["mcp.arguments"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("mcp.arguments", _Copied(policies["mcp.arguments"], probe))


DEFECT = Defect(
    id="mcp-unknown-arguments-ignored",
    family="mcp",
    title="Arguments that a tool does not know are left out and the rest is carried out.",
    breaks=("mcp.unknown-arguments-refused",),
    apply=_apply,
    twin=_twin,
)
