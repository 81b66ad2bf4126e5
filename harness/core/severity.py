"""How bad a failure is: the requirement's weight, one step lower where it is advice."""

from enum import StrEnum

from harness.core.requirement import Requirement, Weight


class Severity(StrEnum):
    """From worst to least; reports sort and colour by it."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """0 for critical up to 3 for low."""
        return tuple(Severity).index(self)


_OF_A_MUST = {
    Weight.CRITICAL: Severity.CRITICAL,
    Weight.HIGH: Severity.HIGH,
    Weight.MEDIUM: Severity.MEDIUM,
    Weight.LOW: Severity.LOW,
}
_OF_ADVICE = {
    Weight.CRITICAL: Severity.HIGH,
    Weight.HIGH: Severity.MEDIUM,
    Weight.MEDIUM: Severity.LOW,
    Weight.LOW: Severity.LOW,
}


def severity_of(requirement: Requirement) -> Severity:
    """Return how bad it is when this requirement fails."""
    return (_OF_A_MUST if requirement.must else _OF_ADVICE)[requirement.weight]
