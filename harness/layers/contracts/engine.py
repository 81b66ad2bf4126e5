"""The contracts engine: consumers' pacts on the running target, and the target's own as a consumer."""

import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from harness.core.confirmation import confirmed
from harness.core.finding import Finding
from harness.core.layer import Depth, Layer
from harness.core.outcome import Outcome
from harness.core.requirement import Profile
from harness.core.target import Target
from harness.layers.contracts import judging
from harness.layers.contracts.canary import told_apart
from harness.layers.contracts.copies import write_broken, write_copies, write_shuffled
from harness.layers.contracts.correlation import ExchangeLog
from harness.layers.contracts.freshness import Document
from harness.layers.contracts.observing import NotObserved, Observer
from harness.layers.contracts.pacts import Interaction, Kind, PactFile, http_interactions, read_pacts
from harness.layers.contracts.upstream import doubted, judge_upstream
from harness.layers.contracts.verification import Verdict, Verified, Verifying
from harness.plan.engine import Assignment, CanaryVerdict, Completion, LayerReport
from harness.target.instance import Instance, Session

_UPSTREAM_REQUIREMENTS = {
    "brave-search": judging.SEARCH_MATCHES,
    "webhook-receiver": judging.WEBHOOK_KEPT,
}
_PRODUCED = frozenset(
    {
        judging.INTERACTIONS_VERIFIED,
        judging.OPERATIONS_UNDER_CONTRACT,
        judging.CONTRACTS_FRESH,
        judging.STATES_REPEATABLE,
        judging.BROKEN_CAUGHT,
        judging.MESSAGES_KEPT,
        judging.SEARCH_MATCHES,
        judging.WEBHOOK_KEPT,
    }
)
_QUICK_REPEATS = 15
_MESSAGES = ("message.accepted", "message.dead-lettered")


class ContractsEngine:
    """Implements harness.plan.engine.Engine and EnumeratesSubjects."""

    layer = Layer.CONTRACTS

    def produces(self, profile: str) -> frozenset[str]:
        """Return the requirements it can judge; all of them belong to the core profile."""
        return _PRODUCED if Profile(profile) is Profile.CORE else frozenset()

    def planned_subjects(self, target: Target) -> Mapping[str, tuple[str, ...]]:
        """Return the interactions of the target's pacts by requirement."""
        pacts = read_pacts(target.pacts)
        ours = http_interactions(pact for pact in pacts if not pact.is_upstream)
        planned = {
            judging.INTERACTIONS_VERIFIED: _subjects(ours),
            judging.CONTRACTS_FRESH: _subjects(ours),
        }
        for provider, requirement in _UPSTREAM_REQUIREMENTS.items():
            planned[requirement] = _subjects(
                http_interactions(pact for pact in pacts if pact.provider == provider)
            )
        return planned

    def idle_reason(self, instance: Instance) -> str:
        """Without a consumer's contract there is nothing to verify."""
        pacts = read_pacts(instance.target.pacts)
        return "" if any(pact.interactions for pact in pacts) else _no_interaction(instance.target)

    def canary(self, scratch: Path) -> CanaryVerdict:
        """Verify one contract on a good and on a bad service."""
        return told_apart(scratch)

    def run(self, assignment: Assignment) -> LayerReport:
        """Verify everything there is a pact for; never raises for what the target does."""
        pacts = read_pacts(assignment.instance.target.pacts)
        if not any(pact.interactions for pact in pacts):
            detail = _no_interaction(assignment.instance.target)
            return LayerReport(completion=Completion.NOTHING_RAN, detail=detail)
        return _Contracts(assignment, pacts).run()


ENGINE = ContractsEngine()


def _no_interaction(target: Target) -> str:
    return f"no interaction in {target.pacts}" if target.pacts else "the target file names no `pacts`"


def _subjects(interactions: tuple[Interaction, ...]) -> tuple[str, ...]:
    return tuple(sorted({item.subject for item in interactions}))


@dataclass(slots=True)
class _Contracts:
    """One run of the layer."""

    assignment: Assignment
    pacts: tuple[PactFile, ...]

    def run(self) -> LayerReport:
        first = self._verify_ours()
        problem = _trouble(first)
        if problem is not None:
            return problem
        self._observe()
        verified = sum(result.verdict is not Verdict.UNANSWERED for result in first.results)
        return LayerReport(
            completion=Completion.COMPLETED if verified else Completion.NOTHING_RAN,
            detail="" if verified else "not one interaction got an answer",
            counts={"interactions": len(first.results), "answered": verified},
        )

    @property
    def _instance(self) -> Instance:
        return self.assignment.instance

    @property
    def _ours(self) -> tuple[PactFile, ...]:
        return tuple(pact for pact in self.pacts if not pact.is_upstream)

    @property
    def _verifying(self) -> Verifying:
        return Verifying(
            scratch=self.assignment.scratch / "pact",
            logs=self.assignment.logs,
            seconds=max(10.0, self.assignment.seconds / 4),
            redact=self.assignment.redactor.bytes,
        )

    def _verify_ours(self) -> Verified:
        """Verify the consumers' pacts, then everything that hangs on that first result."""
        interactions = http_interactions(self._ours)
        log = ExchangeLog(self.assignment.exchanges)
        self.assignment.progress(f"verifying {len(interactions)} interactions")
        first = self._verify("first", write_copies(self._ours, self._folder("first"), keep=self._can_hold))
        exchanges = log.since_start(first.results)
        found = judging.verified_findings(
            judging.INTERACTIONS_VERIFIED,
            interactions,
            first,
            has_control=self._instance.has_control,
            exchanges=exchanges,
        )
        self._emit(self._confirmed(found, interactions, first))
        if self._instance.openapi_document is not None:
            document = Document(self._instance.openapi_document, self._instance.operations)
            self._emit(judging.freshness_findings(interactions, document))
            self._emit(judging.coverage_findings(self._instance.operations, interactions, first))
        if first.has_results:
            self._check_the_contracts(first)
        return first

    def _confirmed(
        self, found: Iterator[Finding], interactions: tuple[Interaction, ...], first: Verified
    ) -> Iterator[Finding]:
        """Verify what failed once more, by itself: only what fails twice is reported as a fail."""
        failed = {name for name, item in first.by_subject().items() if item.verdict is Verdict.MISMATCHED}
        if not failed:
            yield from found
            return
        copies = write_copies(
            self._ours,
            self._folder("again"),
            keep=lambda item: self._can_hold(item) and item.subject in failed,
        )
        log = ExchangeLog(self.assignment.exchanges)
        second = self._verify("again", copies)
        again = judging.verified_findings(
            judging.INTERACTIONS_VERIFIED,
            [item for item in interactions if item.subject in failed],
            second,
            has_control=self._instance.has_control,
            exchanges=log.since_start(second.results),
        )
        by_subject = {item.subject: item for item in again}
        for finding in found:
            yield confirmed(finding, by_subject.get(finding.subject), instead="It was not verified again.")

    def _check_the_contracts(self, first: Verified) -> None:
        """Verify again in another order, and once with a contract that has to turn red."""
        again = self._to_repeat(first)
        shuffled = write_shuffled(
            self._ours,
            self._folder("second"),
            keep=lambda item: self._can_hold(item) and item.subject in again,
            seed=self.assignment.seed,
        )
        second = self._verify("second", shuffled)
        repeatable = judging.repeatable_finding(
            first, second, among=again, has_control=self._instance.has_control
        )
        self._emit(iter([repeatable]))
        matched = {name for name, item in first.by_subject().items() if item.verdict is Verdict.MATCHED}
        broken = write_broken(self._ours, self._folder("broken"), among=lambda item: item.subject in matched)
        verified = self._verify("broken", (broken.path,)) if broken else None
        self._emit(iter([judging.broken_finding(broken, verified)]))

    def _to_repeat(self, first: Verified) -> frozenset[str]:
        """Return the interactions to verify again: all, or some by the seed when it is quick."""
        names = sorted(first.by_subject())
        if self.assignment.depth is not Depth.QUICK or len(names) <= _QUICK_REPEATS:
            return frozenset(names)
        chosen = random.Random(self.assignment.seed)  # noqa: S311 - a choice, nothing secret
        return frozenset(chosen.sample(names, _QUICK_REPEATS))

    def _can_hold(self, interaction: Interaction) -> bool:
        """Whether the interaction can be verified here: without control only those that need no state."""
        return interaction.kind is Kind.HTTP and (self._instance.has_control or not interaction.states)

    def _verify(self, name: str, pacts: tuple[Path, ...]) -> Verified:
        provider = next((pact.provider for pact in self._ours), "provider")
        return self._verifying.http(
            name,
            pacts,
            provider=provider,
            url=self._instance.base_url,
            state_url=f"{self._instance.direct_url}/_control/states" if self._instance.has_control else "",
        )

    def _observe(self) -> None:
        """Compare what the target sends to others with its contracts."""
        session = session_to_act_as(self._instance)
        if session is None:
            return
        with httpx.Client(timeout=20.0, trust_env=False) as client:
            observer = Observer(instance=self._instance, session=session, client=client)
            self._judge_messages(observer)
            for pact in self.pacts:
                if pact.is_upstream:
                    self._judge_upstream(pact, observer)

    def _judge_messages(self, observer: Observer) -> None:
        pacts = tuple(
            pact for pact in self._ours if any(item.kind is Kind.MESSAGE for item in pact.interactions)
        )
        sources: Mapping[str, Callable[[], object]] = {
            _MESSAGES[0]: lambda: _body_of(observer.delivered_webhook()),
            _MESSAGES[1]: observer.dead_letter,
        }
        expected = "The message is what its consumer's contract asks for."
        bodies: dict[str, object] = {}
        for name, source in sources.items():
            try:
                bodies[name] = source()
            except (NotObserved, httpx.HTTPError) as problem:
                self._emit(iter([doubted(judging.MESSAGES_KEPT, name, expected, problem)]))
        described = {item.description for pact in pacts for item in pact.interactions}
        for name in set(bodies) - described:
            self._emit(
                iter(
                    [
                        judging.finding(
                            judging.MESSAGES_KEPT,
                            name,
                            Outcome.INCONCLUSIVE,
                            "no-contract",
                            expected=expected,
                            seen="No message pact describes it.",
                        )
                    ]
                )
            )
        kept = {name: body for name, body in bodies.items() if name in described}
        if not kept:
            return
        copies = write_copies(
            pacts,
            self._folder("messages"),
            keep=lambda item: item.kind is Kind.MESSAGE and item.description in kept,
        )
        verified = self._verifying.messages("messages", copies, provider=pacts[0].provider, bodies=kept)
        self._emit(
            judging.compared_finding(judging.MESSAGES_KEPT, name, expected, verified) for name in sorted(kept)
        )

    def _judge_upstream(self, pact: PactFile, observer: Observer) -> None:
        requirement = _UPSTREAM_REQUIREMENTS.get(pact.provider)
        if requirement is not None:
            folder = self._folder(f"upstream-{pact.provider}")
            self._emit(judge_upstream(pact, requirement, observer, self._verifying, folder))

    def _folder(self, name: str) -> Path:
        return self.assignment.scratch / name

    def _emit(self, findings: Iterator[Finding]) -> None:
        wanted = {
            (item.requirement, item.subject)
            for item in self.assignment.plan.subjects
            if item.skip is None and not item.not_applicable
        }
        for finding in findings:
            if (finding.requirement, finding.subject) in wanted:
                self.assignment.emit(finding)


def _trouble(verified: Verified) -> LayerReport | None:
    """Return the layer's report when the first verification came to no regular end."""
    if verified.end.interrupted:
        return LayerReport(completion=Completion.INTERRUPTED, detail="interrupted while verifying")
    if verified.end.timed_out:
        return LayerReport(
            completion=Completion.TIMED_OUT,
            detail=f"the verifier was stopped after {verified.end.seconds:.0f} s",
        )
    if not verified.has_results:
        return LayerReport(completion=Completion.CRASHED, detail=verified.detail)
    return None


def _body_of(recorded: Mapping[str, object]) -> object:
    return json.loads(str(recorded["body"]))


def session_to_act_as(instance: Instance) -> Session | None:
    """Return an ordinary user's session, or any; None when nobody is signed in."""
    sessions = list(instance.sessions.values())
    return next((item for item in sessions if item.role in {"", "user"}), sessions[0] if sessions else None)
