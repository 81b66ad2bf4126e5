"""Who asks for no version gets the oldest one."""

from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.versions import VersionChoice
from reference_impl.kit.policies import PolicyTable, Probe
from reference_impl.kit.versioning import ApiVersion


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: VersionChoice = policies["gateway.version"]

    def oldest(by_path: ApiVersion | None, asked: str | None) -> ApiVersion:
        if by_path is not None or asked is not None:
            return right(by_path, asked)
        probe.reached()
        probe.triggered()
        return min(ApiVersion)

    policies.replace("gateway.version", oldest)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """A header without a value is no header."""
    right: VersionChoice = policies["gateway.version"]

    def newest_by_name(by_path: ApiVersion | None, asked: str | None) -> ApiVersion:
        probe.reached()
        return right(by_path, None if asked == "" else asked)

    policies.replace("gateway.version", newest_by_name)


DEFECT = Defect(
    id="old-version-by-default",
    family="contract-evolution",
    title="Who asks for no version gets the oldest one.",
    breaks=("api.versions-by-url-and-header",),
    apply=_apply,
    twin=_twin,
)
