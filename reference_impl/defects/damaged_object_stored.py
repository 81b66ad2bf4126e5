"""A body that does not match its digest is refused in words and stored all the same."""

from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe
from reference_impl.storage.errors import DigestMismatch
from reference_impl.storage.policies import Checksum


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: Checksum = policies["storage.checksum"]

    def unchecked(named: tuple[bytes, ...], actual: bytes) -> None:
        try:
            right(named, actual)
        except DigestMismatch:
            probe.reached()
            probe.triggered()

    policies.replace("storage.checksum", unchecked)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """Each digest is compared by itself."""
    right: Checksum = policies["storage.checksum"]

    def each_alone(named: tuple[bytes, ...], actual: bytes) -> None:
        probe.reached()
        for digest in named:
            right((digest,), actual)

    policies.replace("storage.checksum", each_alone)


DEFECT = Defect(
    id="damaged-object-stored",
    family="rest-semantics",
    title="A body that does not match its digest is stored all the same.",
    breaks=("storage.round-trip-exact",),
    apply=_apply,
    twin=_twin,
)
