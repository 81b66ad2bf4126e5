"""Counts, per declared operation and requirement, what the checks really showed, and makes findings of it."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from harness.core.confirmation import doubted
from harness.core.finding import Finding
from harness.core.layer import Layer
from harness.core.operation import Operation, Operations
from harness.core.outcome import Outcome
from harness.layers.fuzz.headers import HeaderRules
from harness.layers.fuzz.report import (
    STATEFUL,
    CheckResult,
    CheckStatus,
    Event,
    Finished,
    Scenario,
    SentCase,
    ToolTrouble,
)
from harness.layers.fuzz.rules import (
    AUTH_ENFORCED,
    METHODS_NAMED,
    NO_SERVER_ERRORS,
    RULES,
    SOLE,
    Rule,
    is_shape_probe,
)

PRODUCER = "schemathesis"
CONNECTION_LOST = "connection-lost"
NOT_REACHED = "not-reached"

#: An operation is called throttled when more than this share of its answers was 429.
_THROTTLED_SHARE = 0.5
#: Fewer operations than this that all answer 404 may simply not be there.
_LEAST_LOST = 2

#: So many failing cases of an operation are sent again until one fails again.
_MOST_SENT_AGAIN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A failed check with the case whose answer failed it, and in a stateful walk with what came before."""

    rule: Rule
    check: CheckResult
    case: SentCase
    before: tuple[SentCase, ...] = ()

    @property
    def size(self) -> int:
        """How much there is to read; the smallest failing case is the one to show."""
        request = self.case.request
        return len(request.uri) + len(request.body) if request else 0


@dataclass(slots=True)
class OperationTally:
    """What was sent to one declared operation and what its checks showed."""

    operation: Operation
    statuses: Counter[int] = field(default_factory=Counter)
    proofs: Counter[str] = field(default_factory=Counter)
    failures: dict[str, list[Failure]] = field(default_factory=dict)
    refused_without_credential: int = 0
    troubles: list[ToolTrouble] = field(default_factory=list)

    @property
    def is_credential_dead(self) -> bool:
        """Whether nothing but 401 came back although the operation was called with a credential."""
        return self.operation.is_secured and set(self.statuses) == {401}

    @property
    def is_throttled(self) -> bool:
        """Whether our own pace kept us from the operation."""
        total = sum(self.statuses.values())
        return total > 0 and self.statuses[429] / total > _THROTTLED_SHARE


class Tally:
    """Reads the events of one report; afterwards `findings` says what they amount to."""

    def __init__(self, operations: Operations, headers: HeaderRules | None = None) -> None:
        self._headers = headers or HeaderRules({})
        self._by_subject = {item.subject: OperationTally(operation=item) for item in operations}
        self._methods = _declared_methods(operations)
        self._not_allowed: list[SentCase] = []
        self._unnamed: list[tuple[SentCase, str]] = []
        self.cases = 0
        self.answered = 0
        self.stop_reason: str | None = None
        self.troubles: list[ToolTrouble] = []

    def read(self, event: Event) -> None:
        """Count one event."""
        match event:
            case Scenario():
                self._read_scenario(event)
            case ToolTrouble():
                self.troubles.append(event)
                if event.label in self._by_subject:
                    self._by_subject[event.label].troubles.append(event)
            case Finished():
                self.stop_reason = event.stop_reason

    def _read_scenario(self, scenario: Scenario) -> None:
        cases = [self._seen_through(case) for case in scenario.cases]
        by_id = {case.id: case for case in cases}
        is_walk = scenario.phase == STATEFUL
        for at, case in enumerate(cases):
            self.cases += 1
            self.answered += case.status is not None
            self._read_refused_method(case)
            tally = self._by_subject.get(f"{case.method} {case.path}") or self._by_subject.get(case.label)
            if tally is not None:
                _read_case(tally, case, by_id, before=tuple(cases[:at]) if is_walk else ())

    def _seen_through(self, case: SentCase) -> SentCase:
        """Mark a case whose headers the document does not allow, whatever the tool took it for."""
        headers = case.request.headers if case.request else ()
        if self._headers.allow(f"{case.method} {case.path}", headers):
            return case
        return replace(case, has_negative_part=True)

    def _read_refused_method(self, case: SentCase) -> None:
        if case.status != 405:
            return
        self._not_allowed.append(case)
        allowed = {name.strip().upper() for name in case.allow.split(",") if name.strip()}
        missing = self._methods.get(case.path, frozenset()) - allowed
        if not allowed:
            self._unnamed.append((case, "the answer has no Allow header"))
        elif missing:
            self._unnamed.append((case, f"Allow: {case.allow} leaves out {', '.join(sorted(missing))}"))

    @property
    def unreached(self) -> tuple[str, ...]:
        """The operations that nothing was sent to."""
        return tuple(name for name, tally in self._by_subject.items() if not tally.statuses)

    def findings(self, *, has_identity: bool, describe: "Describe") -> Iterator[Finding]:
        """Yield one finding per requirement and operation; nothing where another layer has the word."""
        if self._is_misplaced():
            yield from self._misplaced()
            return
        for tally in self._by_subject.values():
            for rule in RULES.values():
                finding = _judge(tally, rule, has_identity=has_identity, describe=describe)
                if finding is not None:
                    yield finding
        if self._not_allowed:
            yield self._judge_refused_methods(describe)

    def _is_misplaced(self) -> bool:
        """Whether nothing but 404 came back, from operations that need no id, too: the address is wrong.

        That is one fault of the document (docs.server-address-true), and not one of each operation.
        """
        answered = [tally for tally in self._by_subject.values() if tally.statuses]
        plain = [tally for tally in answered if "{" not in tally.operation.path]
        return len(plain) >= _LEAST_LOST and all(set(tally.statuses) == {404} for tally in answered)

    def _misplaced(self) -> Iterator[Finding]:
        seen = "Every operation answers 404: they are not where the document says."
        for tally in self._by_subject.values():
            for rule in RULES.values():
                if rule.requirement in SOLE:
                    yield _finding(tally, rule, Outcome.INCONCLUSIVE, "address-wrong", seen)

    def _judge_refused_methods(self, describe: "Describe") -> Finding:
        expected = "Every 405 answer names the methods that are allowed (RFC 9110 15.5.6)."
        if not self._unnamed:
            return Finding(
                requirement=METHODS_NAMED,
                subject="target",
                outcome=Outcome.PASS,
                reason="methods-named",
                layer=Layer.FUZZ,
                producer=PRODUCER,
                expected=expected,
                seen=f"{len(self._not_allowed)} answers of 405, each with Allow.",
                attempts=len(self._not_allowed),
            )
        case, why = self._unnamed[0]
        finding = Finding(
            requirement=METHODS_NAMED,
            subject="target",
            outcome=Outcome.FAIL,
            reason="allow-missing",
            layer=Layer.FUZZ,
            producer=PRODUCER,
            expected=expected,
            seen=f"{case.method} {case.path}: {why}; {len(self._unnamed)} of {len(self._not_allowed)}.",
            attempts=len(self._not_allowed),
            exchanges=describe.exchanges(case),
            reproduction=describe.reproduction(case),
        )
        instead = describe.alike(case)
        return doubted(finding, instead) if instead else finding


Again = Callable[[Rule, Operation, SentCase, Sequence[SentCase]], str]


def _as_before(_rule: Rule, _operation: Operation, _case: SentCase, _before: Sequence[SentCase]) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Describe:
    """How a case is shown: the recorded exchanges it left, and a shell line that sends it again.

    `again` and `alike` send it now, and return what came when it does not fail any more.
    """

    exchanges: Callable[[SentCase], tuple[str, ...]]
    reproduction: Callable[[SentCase], str]
    again: Again = _as_before
    alike: Callable[[SentCase], str] = lambda _case: ""


def _declared_methods(operations: Operations) -> Mapping[str, frozenset[str]]:
    methods: dict[str, set[str]] = {}
    for operation in operations:
        methods.setdefault(operation.path, set()).add(operation.method)
    return {path: frozenset(names) for path, names in methods.items()}


def _read_case(
    tally: OperationTally,
    case: SentCase,
    by_id: Mapping[str, SentCase],
    *,
    before: tuple[SentCase, ...] = (),
) -> None:
    operation = tally.operation
    if case.is_probe:
        tally.refused_without_credential += case.status in {401, 403}
        return
    is_whole = case.method == operation.method and not is_shape_probe(case)
    if is_whole and case.status is not None:
        tally.statuses[case.status] += 1
    for check in case.checks:
        rule = RULES.get(check.name)
        if rule is None:
            continue
        if check.status is CheckStatus.FAILURE and not rule.excuses(case, operation):
            shown = by_id.get(check.case_id, case)
            tally.failures.setdefault(rule.requirement, []).append(
                Failure(rule=rule, check=check, case=shown, before=before)
            )
        elif check.status is CheckStatus.SUCCESS and rule.proves(case, operation):
            tally.proofs[rule.requirement] += 1


def _judge(tally: OperationTally, rule: Rule, *, has_identity: bool, describe: Describe) -> Finding | None:
    if rule.requirement == AUTH_ENFORCED and not tally.operation.is_secured:
        return None
    failures = _blameable(tally, rule)
    if failures:
        return _failed(tally, rule, failures, describe)
    reason = _inconclusive_reason(tally, rule, has_identity=has_identity)
    if reason is None:
        return _finding(
            tally,
            rule,
            Outcome.PASS,
            "held",
            f"{tally.proofs[rule.requirement]} answers showed it ({_statuses(tally)}).",
        )
    if rule.requirement in SOLE or reason == CONNECTION_LOST:
        return _finding(tally, rule, Outcome.INCONCLUSIVE, reason, _silence(tally, reason))
    return None


def _blameable(tally: OperationTally, rule: Rule) -> list[Failure]:
    failures = tally.failures.get(rule.requirement, [])
    if tally.is_credential_dead:
        return [item for item in failures if item.case.status != 401]
    return failures


def _failed(tally: OperationTally, rule: Rule, failures: list[Failure], describe: Describe) -> Finding:
    ranked = sorted(failures, key=lambda item: (item.size, item.case.id))
    shown, instead = ranked[0], ""
    for candidate in _most_different(ranked):
        came = describe.again(rule, tally.operation, candidate.case, candidate.before)
        if not came:
            shown, instead = candidate, ""
            break
        instead = instead or came
    kinds = sorted({item.check.title for item in failures if item.check.title})
    tried = len(failures) + tally.proofs[rule.requirement]
    status = shown.case.status
    seen = [f"{shown.check.title} [{shown.check.code}], answer {status}: {_one_line(shown.check.message)}"]
    if shown.case.description:
        seen.append(f"Case: {shown.case.description}.")
    seen.append(f"{len(failures)} of {tried} cases; kinds: {'; '.join(kinds)}.")
    finding = Finding(
        requirement=rule.requirement,
        subject=tally.operation.subject,
        outcome=Outcome.FAIL,
        reason=rule.reason,
        layer=Layer.FUZZ,
        producer=PRODUCER,
        expected=rule.expected,
        seen=" ".join(seen),
        attempts=tried,
        exchanges=describe.exchanges(shown.case),
        reproduction=describe.reproduction(shown.case),
    )
    return doubted(finding, instead) if instead else finding


def _most_different(ranked: Sequence[Failure]) -> tuple[Failure, ...]:
    """Return a few failures to send again: the smallest of each kind first."""
    by_kind = {(item.check.title, item.case.status): item for item in reversed(ranked)}
    kinds = sorted(by_kind.values(), key=ranked.index)
    rest = [item for item in ranked if item not in kinds]
    return tuple((kinds + rest)[:_MOST_SENT_AGAIN])


def _inconclusive_reason(tally: OperationTally, rule: Rule, *, has_identity: bool) -> str | None:
    """Return why the operation was not shown to keep the requirement, or None when it was."""
    hindrance = _hindrance(tally, rule, has_identity=has_identity)
    if hindrance is not None:
        return hindrance
    if rule.requirement == AUTH_ENFORCED:
        proved = tally.proofs[rule.requirement] and tally.refused_without_credential
        return None if proved else "never-authenticated"
    if tally.proofs[rule.requirement]:
        return None
    if tally.statuses:
        return "not-exercised"
    return "not-generated" if tally.troubles else NOT_REACHED


def _hindrance(tally: OperationTally, rule: Rule, *, has_identity: bool) -> str | None:
    """Return what kept us from judging the operation although it answered."""
    if rule.requirement == NO_SERVER_ERRORS and _was_cut_off(tally):
        return CONNECTION_LOST
    if tally.is_credential_dead:
        return "dead-credential" if has_identity else "no-identity"
    return "rate-limited" if tally.is_throttled else None


def _was_cut_off(tally: OperationTally) -> bool:
    return any("Connection" in item.kind or "Chunked" in item.kind for item in tally.troubles)


def _silence(tally: OperationTally, reason: str) -> str:
    if tally.troubles:
        trouble = tally.troubles[0]
        return f"{trouble.kind}: {_one_line(trouble.message)}"
    if not tally.statuses:
        return "No case reached the operation in the time given."
    return f"{reason}: no answer that could show it ({_statuses(tally)})."


def _finding(tally: OperationTally, rule: Rule, outcome: Outcome, reason: str, seen: str) -> Finding:
    return Finding(
        requirement=rule.requirement,
        subject=tally.operation.subject,
        outcome=outcome,
        reason=reason,
        layer=Layer.FUZZ,
        producer=PRODUCER,
        expected=rule.expected,
        seen=seen,
        attempts=max(1, tally.proofs[rule.requirement]),
    )


def _statuses(tally: OperationTally) -> str:
    return ", ".join(f"{status} x{count}" for status, count in sorted(tally.statuses.items()))


def _one_line(message: str, limit: int = 400) -> str:
    text = " ".join(message.split())
    return text if len(text) <= limit else f"{text[:limit]}..."
