"""Small rules that everything else rests on: errors, figures, shares, operations, time, interruption."""

import signal
import threading
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core import interruption
from harness.core.area import Area, Level
from harness.core.clock import ManualClock, SystemClock
from harness.core.errors import HarnessFault, TargetFileProblem, TargetUnreachable, ToolCrashed, UsageProblem
from harness.core.figures import one_decimal, percent
from harness.core.operation import Operation, Operations
from harness.core.outcome import Outcome, dominant
from harness.core.requirement import EvidenceKind, Profile, Requirement, Weight
from harness.core.resources import resource
from harness.core.shares import MUST_SHARE, area_shares
from harness.core.statistics import Z95, wilson


def test_a_problem_is_told_with_its_remedy_on_a_line_of_its_own() -> None:
    assert str(UsageProblem("no such flag", remedy="See --help.")) == "no such flag\n  See --help."
    assert str(UsageProblem("no such flag")) == "no such flag"


def test_a_problem_keeps_its_facts() -> None:
    problem = HarnessFault("disk full", remedy="Make room.")

    assert (problem.message, problem.remedy, problem.args) == ("disk full", "Make room.", ("disk full",))


@pytest.mark.parametrize(("path", "message"), [(Path("t.toml"), "t.toml: no name"), (None, "no name")])
def test_a_target_file_is_named_where_there_is_one(path: Path | None, message: str) -> None:
    problem = TargetFileProblem(path, "no name", remedy="Give it one.")

    assert (problem.message, problem.path, problem.remedy) == (message, path, "Give it one.")


def test_a_problem_without_a_remedy_has_none() -> None:
    problems = (TargetFileProblem(None, "x"), ToolCrashed("pact", "x"), TargetUnreachable("http://a", "x"))

    assert {problem.remedy for problem in problems} == {""}


def test_a_tool_and_a_target_are_named_before_what_happened() -> None:
    tool = ToolCrashed("pact", "no output", remedy="Install it.")
    target = TargetUnreachable("http://a", "refused", remedy="Start it.")

    assert (tool.message, tool.tool, tool.remedy) == ("pact: no output", "pact", "Install it.")
    assert (target.message, target.url, target.remedy) == ("http://a: refused", "http://a", "Start it.")


@given(st.fractions(0, 10))
def test_a_figure_never_looks_better_than_it_is(value: Fraction) -> None:
    shown = Fraction(one_decimal(value))

    assert shown <= value < shown + Fraction(1, 10)
    assert one_decimal(value).count(".") == 1


@given(st.fractions(0, 1))
def test_a_share_is_whole_percent_rounded_down(share: Fraction) -> None:
    assert isinstance(percent(share), int)
    assert percent(share) <= share * 100 < percent(share) + 1


def requirement(weight: Weight, *, must: bool) -> Requirement:
    return Requirement(
        id="a.one",
        area=Area.SECURITY,
        profile=Profile.PORTABLE,
        level=Level.MATURE,
        weight=weight,
        must=must,
        evidence=EvidenceKind.BEHAVIOUR,
        statement="It does.",
        source=("RFC 9110",),
        remedy="Do.",
        effort="low",
    )


REQUIREMENTS = st.builds(requirement, st.sampled_from(Weight), must=st.booleans())


@given(st.lists(REQUIREMENTS, min_size=1, max_size=6))
def test_the_shares_of_an_area_are_one_in_all_and_stand_as_must_and_weight_say(
    rows: list[Requirement],
) -> None:
    shares = area_shares(rows)

    assert sum(shares) == 1
    of_must = sum((share for row, share in zip(rows, shares, strict=True) if row.must), Fraction(0))
    kinds = {row.must for row in rows}
    assert of_must == (MUST_SHARE if len(kinds) == 2 else Fraction(True in kinds))
    for one, share in zip(rows, shares, strict=True):
        for other, its in zip(rows, shares, strict=True):
            if one.must is other.must:
                assert share * other.weight.points == its * one.weight.points


GET, PUT = (Operation(method=method, path="/items/{id}") for method in ("GET", "PUT"))
MINE = Operation(method="GET", path="/items/mine")
ODD = Operation(method="GET", path="/v1.0/{a}/x{b}")
ALL = Operations([PUT, ODD, MINE, GET])


@pytest.mark.parametrize(
    ("method", "path", "found"),
    [
        ("GET", "/items/1", GET),
        ("put", "/items/1", PUT),
        ("GET", "/items/mine", MINE),
        ("PUT", "/items/mine", None),
        ("DELETE", "/items/1", None),
        ("GET", "/items/1/2", None),
        ("GET", "/items/", None),
        ("GET", "/v1.0/q/xy", ODD),
        ("GET", "/v1X0/q/xy", None),
        ("GET", "/items", None),
    ],
)
def test_a_request_finds_the_operation_it_hits(method: str, path: str, found: Operation | None) -> None:
    assert ALL.find(method, path) is found


def test_a_prefix_of_the_base_url_is_no_part_of_a_path() -> None:
    prefixed = Operations([GET, PUT], prefix="/api/")

    assert prefixed.prefix == "/api"
    assert prefixed.find("GET", "/api/items/1") is GET
    assert prefixed.methods_at("/api/items/1") == {"GET", "PUT"}
    assert prefixed.methods_at("/other") == frozenset()


def test_without_a_prefix_there_is_none_and_only_slashes_are_taken_from_its_end() -> None:
    assert Operations([GET]).prefix == ""
    assert Operations([GET], prefix="/apiX").prefix == "/apiX"
    assert Operations([GET], prefix="/apiX/").find("GET", "/apiX/items/1") is GET


def test_operations_are_listed_by_path_then_method() -> None:
    assert [item.subject for item in ALL] == [
        "GET /items/mine",
        "GET /items/{id}",
        "PUT /items/{id}",
        "GET /v1.0/{a}/x{b}",
    ]
    assert len(ALL) == 4


@pytest.mark.parametrize(
    ("documented", "status", "is_documented"),
    [
        ("200", 200, True),
        ("2XX", 299, True),
        ("2XX", 300, False),
        ("default", 418, True),
        ("200", 201, False),
    ],
)
def test_a_status_is_documented_exactly_as_a_range_or_by_default(
    documented: str, status: int, is_documented: bool
) -> None:
    operation = Operation(method="GET", path="/", responses={documented: ()})

    assert operation.documents(status) is is_documented


@given(st.lists(st.sampled_from(Outcome), min_size=1))
def test_the_first_of_fail_error_inconclusive_pass_decides(outcomes: list[Outcome]) -> None:
    order = [Outcome.FAIL, Outcome.ERROR, Outcome.INCONCLUSIVE, Outcome.PASS, Outcome.NOT_APPLICABLE]

    assert dominant(outcomes) is min(outcomes, key=order.index)


@given(
    counted=st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    z=st.sampled_from([1.0, Z95, 2.5758]),
)
def test_the_bounds_are_where_the_share_is_just_z_deviations_away(counted: tuple[int, int], z: float) -> None:
    """Wilson's interval is defined by (share - p)^2 = z^2 p (1 - p) / n."""
    hits, trials = counted

    for bound in wilson(hits, trials, z=z):
        away = (hits / trials - bound) ** 2
        assert away == pytest.approx(z * z * bound * (1 - bound) / trials, abs=1e-9)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_an_interval_has_a_width_and_the_lower_bound_comes_first(counted: tuple[int, int]) -> None:
    low, high = wilson(*counted)

    assert low < high


def test_fewer_than_no_hits_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^-1 hits of 2 trials$"):
        wilson(-1, 2)


def test_the_system_clock_is_aware_and_goes_on() -> None:
    clock = SystemClock()

    before = datetime.now(UTC)
    assert before <= clock.now() <= datetime.now(UTC)
    assert clock.now().tzinfo is UTC
    assert clock.monotonic() <= clock.monotonic()


def test_a_manual_clock_stands_where_it_was_put() -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)

    clock = ManualClock(moment=moment, elapsed=2.0)

    assert (clock.now(), clock.monotonic()) == (moment, 2.0)
    assert ManualClock(moment=moment).monotonic() == 0.0


def test_shared_data_is_found_and_what_is_missing_is_named() -> None:
    assert (resource("contracts/requirements") / "security.yaml").is_file()
    with pytest.raises(HarnessFault) as caught:
        resource("contracts/nothing-like-it")
    assert caught.value.message == "contracts/nothing-like-it is not part of this installation"
    assert caught.value.remedy == "install the package again"


def test_ctrl_c_is_told_to_every_thread_that_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interruption, "_told", threading.Event())
    before = signal.getsignal(signal.SIGINT)
    try:
        interruption.install()
        interruption.check_interrupted()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)

    with pytest.raises(KeyboardInterrupt):
        interruption.check_interrupted()
