"""An MCP server answers requests of pages of any site."""

from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe
from reference_impl.mcp.policies import OwnOrigin


class _AnySite:
    """Looks at the host alone."""

    def __init__(self, right: OwnOrigin, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, host: str | None, origin: str | None) -> bool:
        self._probe.reached()
        allowed = self._right(host, None)
        if allowed and not self._right(host, origin):
            self._probe.triggered()
        return allowed


class _NoPages:
    """The twin: refuses pages of its own, too; no page needs this server."""

    def __init__(self, right: OwnOrigin, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, host: str | None, origin: str | None) -> bool:
        self._probe.reached()
        return origin is None and self._right(host, origin)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("mcp.own_origin", _AnySite(policies["mcp.own_origin"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("mcp.own_origin", _NoPages(policies["mcp.own_origin"], probe))


DEFECT = Defect(
    id="mcp-origin-unchecked",
    family="mcp",
    title="An MCP server answers requests of pages of any site.",
    breaks=("mcp.foreign-origin-refused",),
    apply=_apply,
    twin=_twin,
)
