"""Severity comes from the requirement alone: its weight, and whether it is a MUST."""

import pytest

from harness.core.requirement import Weight
from harness.core.severity import Severity, severity_of
from tests.harness.scoring.conftest import Build


@pytest.mark.parametrize(
    ("weight", "must", "severity"),
    [
        (Weight.CRITICAL, True, Severity.CRITICAL),
        (Weight.HIGH, True, Severity.HIGH),
        (Weight.MEDIUM, True, Severity.MEDIUM),
        (Weight.LOW, True, Severity.LOW),
        (Weight.CRITICAL, False, Severity.HIGH),
        (Weight.HIGH, False, Severity.MEDIUM),
        (Weight.MEDIUM, False, Severity.LOW),
        (Weight.LOW, False, Severity.LOW),
    ],
)
def test_advice_is_a_step_less_severe_than_a_must(weight: Weight, must: bool, severity: Severity) -> None:
    assert severity_of(Build.requirement(weight=weight, must=must)) is severity


def test_severities_are_ranked_worst_first() -> None:
    assert [item.rank for item in Severity] == [0, 1, 2, 3]
