"""Pure rules from what Pact said to findings."""

import json
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence

from harness.core.finding import Finding
from harness.core.layer import Layer
from harness.core.operation import Operations
from harness.core.outcome import Outcome
from harness.layers.contracts.copies import BrokenCopy
from harness.layers.contracts.freshness import Document, UnreadableSchema
from harness.layers.contracts.pacts import Interaction
from harness.layers.contracts.verification import InteractionResult, Verdict, Verified

INTERACTIONS_VERIFIED = "testing.interactions-verified"
OPERATIONS_UNDER_CONTRACT = "testing.operations-under-contract"
CONTRACTS_FRESH = "testing.contracts-fresh"
STATES_REPEATABLE = "testing.provider-states-repeatable"
BROKEN_CAUGHT = "testing.broken-contract-caught"
MESSAGES_KEPT = "hub.message-contract-kept"
SEARCH_MATCHES = "search.requests-match-contract"
WEBHOOK_KEPT = "hub.webhook-contract-kept"

_PACT = "pact-verifier"
_DOCUMENT = "pact-against-openapi"


def finding(
    requirement: str,
    subject: str,
    outcome: Outcome,
    reason: str,
    *,
    expected: str,
    seen: str,
    producer: str = _PACT,
    exchanges: tuple[str, ...] = (),
    reproduction: str = "",
) -> Finding:
    """Return a finding of this layer."""
    return Finding(
        requirement=requirement,
        subject=subject,
        outcome=outcome,
        reason=reason,
        layer=Layer.CONTRACTS,
        producer=producer,
        expected=expected,
        seen=seen,
        exchanges=exchanges,
        reproduction=reproduction,
    )


def verified_findings(
    requirement: str,
    interactions: Iterable[Interaction],
    verified: Verified,
    *,
    has_control: bool,
    exchanges: Mapping[str, str],
) -> Iterator[Finding]:
    """Yield one finding per interaction; what was not verified is said with the reason."""
    results = verified.by_subject()
    for interaction in interactions:
        result = results.get(interaction.subject)
        subject = interaction.subject
        expected = (
            f"{interaction.provider} answers {interaction.method} {interaction.path} with"
            f" {interaction.status} as {interaction.consumer} expects."
        )
        seen_at = (exchanges[subject],) if subject in exchanges else ()
        shell = reproduction(interaction)
        if result is None:
            reason = "no-control" if interaction.states and not has_control else "not-verified"
            outcome, seen = Outcome.INCONCLUSIVE, verified.detail or "The interaction was not verified."
            if reason == "no-control":
                seen = f"It needs the state {' and '.join(interaction.states)}; nothing can set states here."
        else:
            outcome, reason, seen = _of(result, verified.state_problems)
        yield finding(
            requirement,
            subject,
            outcome,
            reason,
            expected=expected,
            seen=seen,
            exchanges=seen_at,
            reproduction=shell if outcome is Outcome.FAIL else "",
        )


def _of(result: InteractionResult, state_problems: Mapping[str, str]) -> tuple[Outcome, str, str]:
    match result.verdict:
        case Verdict.MATCHED:
            return Outcome.PASS, "verified", "Pact's verifier found every expectation met."
        case Verdict.MISMATCHED:
            return Outcome.FAIL, "mismatch", "; ".join(result.mismatches)
        case Verdict.UNANSWERED:
            failed = [name for name in result.states if name in state_problems]
            if failed:
                seen = f"state {failed[0]!r}: {state_problems[failed[0]]}"
                return Outcome.INCONCLUSIVE, "provider-state-failed", seen
            return Outcome.INCONCLUSIVE, "no-answer", "; ".join(result.mismatches) or "No answer."


def freshness_findings(interactions: Iterable[Interaction], document: Document) -> Iterator[Finding]:
    """Yield one finding per interaction: does it still fit what the target documents."""
    expected = "Path, method, status, media type and bodies of the interaction fit the OpenAPI document."
    for interaction in interactions:
        try:
            differences = document.differences(interaction)
        except UnreadableSchema as problem:
            yield finding(
                CONTRACTS_FRESH,
                interaction.subject,
                Outcome.INCONCLUSIVE,
                "schema-unreadable",
                expected=expected,
                seen=str(problem),
                producer=_DOCUMENT,
            )
            continue
        yield finding(
            CONTRACTS_FRESH,
            interaction.subject,
            Outcome.FAIL if differences else Outcome.PASS,
            "contract-stale" if differences else "fresh",
            expected=expected,
            seen="; ".join(differences) or "Nothing differs.",
            producer=_DOCUMENT,
        )


def coverage_findings(
    operations: Operations, interactions: Iterable[Interaction], verified: Verified
) -> Iterator[Finding]:
    """Yield one finding per declared operation: does a verified contract cover it."""
    results = verified.by_subject()
    covered: dict[str, list[bool]] = {}
    for interaction in interactions:
        operation = operations.find(interaction.method, interaction.path)
        result = results.get(interaction.subject)
        if operation is not None:
            is_verified = result is not None and result.verdict is Verdict.MATCHED
            covered.setdefault(operation.subject, []).append(is_verified)
    for operation in operations:
        verdicts = covered.get(operation.subject, [])
        if any(verdicts):
            outcome, reason, seen = Outcome.PASS, "under-contract", f"{sum(verdicts)} verified interactions."
        elif verdicts:
            outcome, reason = Outcome.INCONCLUSIVE, "contract-not-verified"
            seen = f"{len(verdicts)} interactions, none of them verified."
        else:
            outcome, reason, seen = (
                Outcome.FAIL,
                "not-under-contract",
                "No interaction of any pact covers it.",
            )
        yield finding(
            OPERATIONS_UNDER_CONTRACT,
            operation.subject,
            outcome,
            reason,
            expected="At least one verified interaction of a consumer covers the operation.",
            seen=seen,
        )


def repeatable_finding(
    first: Verified, second: Verified, *, among: frozenset[str], has_control: bool
) -> Finding:
    """Compare two verifications of the interactions `among`, the second in another order."""
    expected = "The same contracts, verified again in another order, give the same result."
    before = {name: result for name, result in first.by_subject().items() if name in among}
    after = second.by_subject()
    with_states = [
        name for name, result in before.items() if result.states and result.verdict is not Verdict.UNANSWERED
    ]
    if not with_states:
        reason = "no-states" if has_control else "no-control"
        return finding(
            STATES_REPEATABLE,
            "target",
            Outcome.INCONCLUSIVE,
            reason,
            expected=expected,
            seen="No interaction with a provider state was verified.",
        )
    if not second.has_results:
        return finding(
            STATES_REPEATABLE,
            "target",
            Outcome.INCONCLUSIVE,
            "not-verified",
            expected=expected,
            seen=second.detail,
        )
    changed = sorted(
        f"{name}: {before[name].verdict}, then {after[name].verdict if name in after else 'missing'}"
        + (f" ({after[name].mismatches[0]})" if name in after and after[name].mismatches else "")
        for name in before
        if name not in after or before[name].verdict is not after[name].verdict
    )
    return finding(
        STATES_REPEATABLE,
        "target",
        Outcome.FAIL if changed else Outcome.PASS,
        "order-dependent" if changed else "repeatable",
        expected=expected,
        seen="; ".join(changed) or f"{len(before)} interactions, twice the same result.",
    )


def broken_finding(broken: BrokenCopy | None, verified: Verified | None) -> Finding:
    """Say whether a contract that asks too much turned red, for the member that nobody gives."""
    expected = "A contract that asks for a member the target does not give turns red."
    if broken is None or verified is None:
        return finding(
            BROKEN_CAUGHT,
            "target",
            Outcome.INCONCLUSIVE,
            "nothing-to-break",
            expected=expected,
            seen="No verified interaction expects a JSON object in the answer.",
        )
    result = verified.by_subject().get(broken.interaction.subject)
    if result is None or result.verdict is Verdict.UNANSWERED:
        return finding(
            BROKEN_CAUGHT,
            "target",
            Outcome.INCONCLUSIVE,
            "not-verified",
            expected=expected,
            seen=verified.detail or "; ".join(result.mismatches if result else ()),
        )
    caught = any("renamed_" in sentence for sentence in result.mismatches)
    return finding(
        BROKEN_CAUGHT,
        "target",
        Outcome.PASS if caught else Outcome.FAIL,
        "caught" if caught else "broken-contract-green",
        expected=expected,
        seen=f"{broken.interaction.subject}, member {broken.member!r} renamed: "
        + ("; ".join(result.mismatches) or "verified all the same"),
    )


def compared_finding(
    requirement: str, subject: str, expected: str, verified: Verified, extra: Sequence[str] = ()
) -> Finding:
    """Judge something that really left the target (a message, an upstream request) by its contract."""
    results = [item for item in verified.results if item.description == subject]
    if not results or results[0].verdict is Verdict.UNANSWERED:
        seen = "; ".join(results[0].mismatches) if results else verified.detail
        return finding(
            requirement, subject, Outcome.INCONCLUSIVE, "not-compared", expected=expected, seen=seen
        )
    mismatches = (*results[0].mismatches, *extra)
    return finding(
        requirement,
        subject,
        Outcome.FAIL if mismatches else Outcome.PASS,
        "mismatch" if mismatches else "kept",
        expected=expected,
        seen="; ".join(mismatches) or "Pact's matcher found every expectation met.",
    )


def reproduction(interaction: Interaction) -> str:
    """Return a curl line with the contract's example values; `$TARGET` is the target's origin."""
    words = ["curl", "-sS", "-i", "-X", interaction.method]
    for name, value in interaction.request.headers.items():
        words += ["-H", shlex.quote(f"{name}: {value}")]
    if interaction.request.has_body:
        words += ["--data-raw", shlex.quote(json.dumps(interaction.request.body))]
    query = "&".join(f"{name}={value}" for name, value in interaction.query.items())
    local = interaction.path + (f"?{query}" if query else "")
    return " ".join([*words, f'"$TARGET"{shlex.quote(local)}'])
