"""The header API-Version is not looked at."""

from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.versions import VersionChoice
from reference_impl.kit.policies import PolicyTable, Probe
from reference_impl.kit.versioning import ApiVersion


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: VersionChoice = policies["gateway.version"]

    def by_path_only(by_path: ApiVersion | None, asked: str | None) -> ApiVersion:
        version = right(by_path, None)
        if asked is not None:
            probe.reached()
            if asked.strip() != str(int(version)):
                probe.triggered()
        return version

    policies.replace("gateway.version", by_path_only)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """Blanks around the number mean nothing."""
    right: VersionChoice = policies["gateway.version"]

    def trimmed(by_path: ApiVersion | None, asked: str | None) -> ApiVersion:
        probe.reached()
        return right(by_path, None if asked is None else asked.strip())

    policies.replace("gateway.version", trimmed)


DEFECT = Defect(
    id="version-header-ignored",
    family="contract-evolution",
    title="The header API-Version is not looked at.",
    breaks=("api.versions-by-url-and-header",),
    apply=_apply,
    twin=_twin,
)
