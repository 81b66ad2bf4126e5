"""Judges the target as a consumer: its real requests against its own contracts with upstream services."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx

from harness.core.finding import Finding
from harness.core.outcome import Outcome
from harness.layers.contracts import judging
from harness.layers.contracts.observing import NotObserved, Observer
from harness.layers.contracts.pacts import Interaction, PactFile
from harness.layers.contracts.requests_as_messages import as_message, undeclared_query, write_message_pact
from harness.layers.contracts.states import StateKind
from harness.layers.contracts.verification import Verdict, Verified, Verifying

_STUBS = {"brave-search": "brave", "webhook-receiver": "webhook"}


def judge_upstream(
    pact: PactFile, requirement: str, observer: Observer, verifying: Verifying, folder: Path
) -> Iterator[Finding]:
    """Yield one finding per interaction: is the double true, and was the request as agreed."""
    folder.mkdir(parents=True, exist_ok=True)
    double = _verify_double(pact, observer, verifying)
    seen: dict[Interaction, Mapping[str, Any]] = {}
    for interaction in sorted(pact.interactions, key=lambda item: len(item.states)):
        expected = _expected(interaction)
        untrue = _untrue(double, interaction)
        if untrue is not None:
            yield judging.finding(
                requirement,
                interaction.subject,
                Outcome.ERROR,
                "double-untrue",
                expected=expected,
                seen=f"the double does not keep the contract, so it proves nothing: {untrue}",
            )
            continue
        try:
            seen[interaction] = _observed(pact, interaction, observer)
        except (NotObserved, httpx.HTTPError) as problem:
            yield doubted(requirement, interaction.subject, expected, problem)
    if seen:
        yield from _compare(pact, seen, requirement, verifying, folder)


def doubted(requirement: str, subject: str, expected: str, problem: Exception) -> Finding:
    """Return the inconclusive finding for something that could not be brought about."""
    reason = problem.reason if isinstance(problem, NotObserved) else "no-answer"
    return judging.finding(
        requirement, subject, Outcome.INCONCLUSIVE, reason, expected=expected, seen=str(problem)
    )


def _verify_double(pact: PactFile, observer: Observer, verifying: Verifying) -> Verified | None:
    stub = observer.instance.stubs.get(_STUBS[pact.provider])
    if stub is None:
        return None
    return verifying.http(
        f"double-{pact.provider}",
        (pact.path,),
        provider=pact.provider,
        url=stub,
        state_url=stub.rstrip("/"),
        state_kind=StateKind.STUB,
    )


def _untrue(double: Verified | None, interaction: Interaction) -> str | None:
    if double is None:
        return None  # without a double nothing will be observed either, and that is what is reported
    result = double.by_subject().get(interaction.subject)
    if result is None:
        return double.detail or "it was not verified"
    return None if result.verdict is Verdict.MATCHED else "; ".join(result.mismatches)


def _observed(pact: PactFile, interaction: Interaction, observer: Observer) -> Mapping[str, Any]:
    if pact.provider == "webhook-receiver":
        return observer.delivered_webhook()
    return observer.asked_of_search(interaction, _mode(pact, interaction))


def _mode(pact: PactFile, interaction: Interaction) -> Mapping[str, Any] | None:
    """Return the parameters of the interaction's first state: how the double has to behave."""
    states = pact.document["interactions"][interaction.position].get("providerStates") or ()
    return states[0].get("params") if states else None


def _compare(
    pact: PactFile,
    seen: Mapping[Interaction, Mapping[str, Any]],
    requirement: str,
    verifying: Verifying,
    folder: Path,
) -> Iterator[Finding]:
    """Let Pact's matcher hold all the requests that were seen against the contract, in one go."""
    file = write_message_pact(pact, seen, folder / "asked.json")
    bodies = {
        interaction.subject: as_message(recorded, has_body=interaction.request.has_body)
        for interaction, recorded in seen.items()
    }
    verified = verifying.messages(f"asked-{pact.provider}", (file,), provider=pact.provider, bodies=bodies)
    for interaction, recorded in seen.items():
        extra = tuple(
            f"$.query: {name} is not in the contract" for name in undeclared_query(recorded, interaction)
        )
        yield judging.compared_finding(
            requirement, interaction.subject, _expected(interaction), verified, extra
        )


def _expected(interaction: Interaction) -> str:
    return f"The target sends {interaction.method} {interaction.path} to {interaction.provider} as agreed."
