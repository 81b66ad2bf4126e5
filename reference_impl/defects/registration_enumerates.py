"""Registering an address that has an account says so."""

from reference_impl.auth.models import User
from reference_impl.auth.policies import RegistrationAnswer
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe
from reference_impl.kit.problem import Unprocessable


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: RegistrationAnswer = policies["auth.registration_answer"]

    def tell(created: User | None) -> None:
        right(created)
        if created is not None:
            return
        probe.reached()
        probe.triggered()
        raise Unprocessable("This address has an account already.")

    policies.replace("auth.registration_answer", tell)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """The owner of the address is told, and nobody else."""
    right: RegistrationAnswer = policies["auth.registration_answer"]

    def tell_owner(created: User | None) -> None:
        right(created)
        if created is None:
            probe.reached()

    policies.replace("auth.registration_answer", tell_owner)


DEFECT = Defect(
    id="registration-enumerates",
    family="owasp-api",
    title="Registering an address that has an account says so.",
    breaks=("auth.registration-enumeration-safe",),
    apply=_apply,
    twin=_twin,
)
