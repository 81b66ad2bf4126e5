"""From measurements to outcomes: only a whole interval on one side of the limit decides."""

import pytest

from harness.core.finding import Finding
from harness.core.outcome import Outcome
from harness.layers.load.histogram import Series
from harness.layers.load.judging import ERRORS, LATENCY, Generator, Measured, findings
from harness.layers.load.slo import Objective

OBJECTIVE = Objective(name="search", p95_ms=250.0, error_rate=0.05)


def _series(milliseconds: list[float], *, errors: int = 0) -> Series:
    series = Series()
    for position, value in enumerate(milliseconds):
        series.add(value, is_error=position < errors)
    return series


def _judge(
    series: Series | None,
    *,
    cpu: tuple[float, ...] = (10.0,),
    users: int = 10,
    seconds: float = 10.0,
    warned: bool = False,
    others: float = 0.0,
) -> dict[str, Finding]:
    measured = Measured(
        series={"search": series} if series else {},
        generator=Generator(
            cpu_percent=cpu, others=others, users=users, rate_per_user=1.0, seconds=seconds, warned=warned
        ),
        samples={"search": ("load-s1",)},
        errors={"search": ("load-s2",)},
    )
    return {item.requirement: item for item in findings([OBJECTIVE], measured, seed=3)}


def test_quick_answers_without_errors_pass_with_their_numbers() -> None:
    found = _judge(_series([20.0] * 100))

    assert {item.outcome for item in found.values()} == {Outcome.PASS}
    assert found[LATENCY].measurements["p95_ms"].limit == 250.0
    assert found[ERRORS].measurements["error_rate"].samples == 100


def test_slow_answers_fail_the_latency_objective_only() -> None:
    found = _judge(_series([320.0] * 100))

    assert (found[LATENCY].outcome, found[LATENCY].reason) == (Outcome.FAIL, "slo-broken")
    assert found[ERRORS].outcome is Outcome.PASS


def test_errors_fail_and_point_to_failing_exchanges() -> None:
    found = _judge(_series([20.0] * 100, errors=30))

    assert found[ERRORS].outcome is Outcome.FAIL
    assert found[ERRORS].exchanges == ("load-s2",)


def test_an_interval_across_the_limit_decides_nothing() -> None:
    found = _judge(_series([20.0] * 95 + [400.0] * 5, errors=5))

    assert {item.outcome for item in found.values()} == {Outcome.INCONCLUSIVE}
    assert {item.reason for item in found.values()} == {"interval-across-limit"}


def test_too_few_requests_decide_nothing_about_errors() -> None:
    found = _judge(_series([20.0] * 10), users=1)

    assert found[ERRORS].outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize(
    "trouble",
    [{"cpu": (95.0, 97.0, 12.0)}, {"warned": True}, {"users": 40}],
    ids=["busy", "warned", "far below the rate"],
)
def test_a_saturated_generator_blames_nobody(trouble: dict[str, object]) -> None:
    found = _judge(_series([320.0] * 100), **trouble)  # type: ignore[arg-type] # one of several

    assert {item.reason for item in found.values()} == {"generator-saturated"}
    assert {item.outcome for item in found.values()} == {Outcome.INCONCLUSIVE}


def test_a_latency_that_other_work_on_the_machine_may_explain_decides_nothing() -> None:
    found = _judge(_series([320.0] * 100), others=0.5)

    assert (found[LATENCY].outcome, found[LATENCY].reason) == (Outcome.INCONCLUSIVE, "machine-busy")
    assert "50% of the machine" in found[LATENCY].seen


@pytest.mark.parametrize(("milliseconds", "others"), [(320.0, 0.05), (900.0, 0.5)], ids=["little", "too far"])
def test_other_work_excuses_only_what_it_can_explain(milliseconds: float, others: float) -> None:
    found = _judge(_series([milliseconds] * 100), others=others)

    assert found[LATENCY].outcome is Outcome.FAIL


def test_other_work_excuses_no_errors() -> None:
    found = _judge(_series([20.0] * 100, errors=30), others=0.5)

    assert found[ERRORS].outcome is Outcome.FAIL


def test_a_target_that_holds_its_users_up_is_not_taken_for_a_saturated_generator() -> None:
    found = _judge(_series([4000.0] * 24))

    assert found[LATENCY].outcome is Outcome.FAIL


def test_one_slow_operation_that_holds_users_up_is_not_taken_for_a_saturated_generator() -> None:
    """Ten users have a hundred seconds: sixty pass on twenty slow answers, forty on forty quick ones."""
    found = _judge(_series([3000.0] * 20 + [10.0] * 40))

    assert found[LATENCY].outcome is Outcome.FAIL


def test_a_name_that_was_never_requested_is_inconclusive() -> None:
    assert {item.reason for item in _judge(None).values()} == {"not-exercised"}
