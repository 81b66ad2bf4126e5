"""A fail that a dead credential may have caused is no fail, and every other one stands."""

from dataclasses import replace

from harness.core.exchange import Exchange
from harness.core.finding import Finding
from harness.core.layer import Layer
from harness.core.operation import Operation, Operations
from harness.core.outcome import Outcome
from harness.core.vigil import Death, beyond_deaths, deaths
from harness.judges.examples import exchange

VIGIL = "vigil:alice"
UNDECLARED = Operations(())


def told(*answers: tuple[int, str]) -> dict[str, Exchange]:
    """Return exchanges of alice, a second apart; each is a status and a step."""
    return {
        f"fuzz-{at}": replace(
            exchange(status, "{}", name=f"fuzz-{at}", layer=Layer.FUZZ),
            identity="alice",
            step=step,
            started=f"2026-01-02T03:04:{at:02}.000+00:00",
        )
        for at, (status, step) in enumerate(answers)
    }


def outcome(
    exchanges: dict[str, Exchange],
    *named: str,
    layer: Layer = Layer.FUZZ,
    operations: Operations = UNDECLARED,
) -> tuple[Outcome, str]:
    finding = Finding(
        requirement="a.b",
        subject="GET /items/{id}",
        outcome=Outcome.FAIL,
        reason="status-undocumented",
        layer=layer,
        producer="p",
        exchanges=named,
    )
    (found,) = beyond_deaths([finding], exchanges, deaths(exchanges.values(), operations))
    return found.outcome, found.reason


LIVED_AND_DIED = told((200, VIGIL), (200, ""), (401, ""), (401, ""), (401, VIGIL))
RENEWED = told((200, VIGIL), (401, ""), (401, VIGIL), (200, VIGIL), (500, ""), (200, VIGIL))


def test_what_was_found_after_the_death_is_inconclusive() -> None:
    assert outcome(LIVED_AND_DIED, "fuzz-3") == (Outcome.INCONCLUSIVE, "credential-died")


def test_what_was_found_before_the_death_stands() -> None:
    assert outcome(LIVED_AND_DIED, "fuzz-1")[0] is Outcome.FAIL


def test_what_was_found_after_the_renewal_stands() -> None:
    assert outcome(RENEWED, "fuzz-1") == (Outcome.INCONCLUSIVE, "credential-died")
    assert outcome(RENEWED, "fuzz-4")[0] is Outcome.FAIL


def test_a_401_of_a_living_credential_is_the_targets_own() -> None:
    exchanges = told((200, VIGIL), (401, ""), (200, VIGIL))

    assert deaths(exchanges.values(), UNDECLARED) == ()
    assert outcome(exchanges, "fuzz-1")[0] is Outcome.FAIL


def test_somebody_elses_credential_is_not_to_blame() -> None:
    exchanges = {**LIVED_AND_DIED, "fuzz-3": replace(LIVED_AND_DIED["fuzz-3"], identity="bob")}

    assert outcome(exchanges, "fuzz-3")[0] is Outcome.FAIL


def test_a_judge_that_also_saw_it_with_a_living_credential_is_believed() -> None:
    assert outcome(LIVED_AND_DIED, "fuzz-1", "fuzz-3", layer=Layer.JUDGES)[0] is Outcome.FAIL
    assert outcome(LIVED_AND_DIED, "fuzz-2", "fuzz-3", layer=Layer.JUDGES)[0] is Outcome.INCONCLUSIVE
    assert outcome(LIVED_AND_DIED, "fuzz-1", "fuzz-3")[0] is Outcome.INCONCLUSIVE


def test_a_password_that_was_refused_is_no_sign_of_a_dead_credential() -> None:
    """A log-in with a wrong password, long before the token expired, does not excuse what comes between."""
    exchanges = told((200, VIGIL), (401, ""), (500, ""), (401, ""), (500, ""), (401, VIGIL))
    refused = exchanges["fuzz-1"]
    exchanges["fuzz-1"] = replace(refused, request=replace(refused.request, method="POST", target="/login"))
    operations = Operations(
        (
            Operation(method="POST", path="/login"),
            Operation(method="GET", path="/items/{id}", is_secured=True),
        )
    )

    assert outcome(exchanges, "fuzz-2", operations=operations)[0] is Outcome.FAIL
    assert outcome(exchanges, "fuzz-4", operations=operations) == (Outcome.INCONCLUSIVE, "credential-died")


def test_a_document_that_secures_nothing_does_not_say_what_is_open() -> None:
    exchanges = told((200, VIGIL), (401, ""), (500, ""), (401, VIGIL))
    operations = Operations((Operation(method="GET", path="/items/{id}"),))

    assert outcome(exchanges, "fuzz-2", operations=operations) == (Outcome.INCONCLUSIVE, "credential-died")


def moment(second: int) -> str:
    return f"2026-01-02T03:04:{second:02}.000+00:00"


def test_a_death_lasts_from_the_first_refusal_to_the_next_good_vigil() -> None:
    known = {"layer": Layer.FUZZ, "identity": "alice"}

    assert deaths(RENEWED.values(), UNDECLARED) == (Death(start=moment(1), end=moment(3), **known),)
    assert deaths(LIVED_AND_DIED.values(), UNDECLARED) == (Death(start=moment(2), end="9999", **known),)


def test_a_vigil_that_is_the_first_to_be_refused_is_when_the_credential_died() -> None:
    for status in (401, 403):
        (death,) = deaths(told((200, VIGIL), (200, ""), (status, VIGIL)).values(), UNDECLARED)
        assert death.start == moment(2)


def test_the_moment_of_the_renewal_still_belongs_to_the_death() -> None:
    assert outcome(RENEWED, "fuzz-3")[0] is Outcome.INCONCLUSIVE


def test_what_was_not_answered_or_has_no_credential_says_nothing_and_hides_nothing() -> None:
    exchanges = told((200, VIGIL), (401, ""), (401, ""), (401, VIGIL))
    exchanges["fuzz-0"] = replace(exchanges["fuzz-0"], response=None)
    exchanges["fuzz-1"] = replace(exchanges["fuzz-1"], identity="", step=VIGIL)

    (death,) = deaths(exchanges.values(), UNDECLARED)

    assert (death.identity, death.start) == ("alice", moment(2))


def test_a_vigil_that_was_not_answered_ends_no_death() -> None:
    exchanges = told((401, VIGIL), (200, VIGIL), (500, ""))
    exchanges["fuzz-1"] = replace(exchanges["fuzz-1"], response=None)

    assert outcome(exchanges, "fuzz-2")[0] is Outcome.INCONCLUSIVE


def test_a_vigil_that_was_redirected_ends_no_death() -> None:
    assert outcome(told((401, VIGIL), (300, VIGIL), (500, "")), "fuzz-2")[0] is Outcome.INCONCLUSIVE


def test_a_refusal_before_a_good_vigil_is_forgotten() -> None:
    (death,) = deaths(told((401, ""), (200, VIGIL), (200, ""), (401, VIGIL)).values(), UNDECLARED)

    assert death.start == moment(3)


def test_only_fails_are_excused_and_what_was_seen_is_kept_beside_the_reason() -> None:
    fail = Finding(
        requirement="a.b",
        subject="GET /items/{id}",
        outcome=Outcome.FAIL,
        reason="status-undocumented",
        layer=Layer.FUZZ,
        producer="p",
        seen="418",
        exchanges=("fuzz-3",),
    )
    passed = replace(fail, outcome=Outcome.PASS)
    died = deaths(LIVED_AND_DIED.values(), UNDECLARED)

    assert list(beyond_deaths([passed, fail], LIVED_AND_DIED, died)) == [
        passed,
        replace(
            fail,
            outcome=Outcome.INCONCLUSIVE,
            reason="credential-died",
            seen=f"The credential of alice was refused from {moment(2)} on; then: 418",
        ),
    ]


def test_a_fail_that_names_no_exchange_of_the_record_stands() -> None:
    assert outcome(LIVED_AND_DIED)[0] is Outcome.FAIL
    assert outcome(LIVED_AND_DIED, "fuzz-99")[0] is Outcome.FAIL
    assert outcome(LIVED_AND_DIED, layer=Layer.JUDGES)[0] is Outcome.FAIL
