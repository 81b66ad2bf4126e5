"""Turns what happens in scenarios into findings, written one line each as they arise."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO
from urllib.parse import quote

import httpx
import pytest

from harness.core.confirmation import confirmed
from harness.core.finding import Finding, finding_to_json
from harness.core.layer import Layer
from harness.core.outcome import Outcome
from harness.layers.scenarios.context import ScenarioContext
from harness.layers.scenarios.reproduction import curl
from harness.layers.scenarios.signals import Inconclusive, NotApplicable

END_SCHEMA = "scenarios-end/1"
_LONGEST_SEEN = 2000
_TIME_LIMIT = re.compile(r"Timeout \(?>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """An outcome with the code of its reason and what was seen."""

    outcome: Outcome
    reason: str
    seen: str = ""


AS_EXPECTED = Verdict(outcome=Outcome.PASS, reason="as-expected")


def verdict_of(error: BaseException, *, in_call: bool = True) -> Verdict:
    """Read an exception: only an AssertionError of the scenario itself speaks against the target."""
    match error:
        case Inconclusive() | NotApplicable():
            is_open = isinstance(error, Inconclusive)
            outcome = Outcome.INCONCLUSIVE if is_open else Outcome.NOT_APPLICABLE
            return Verdict(outcome=outcome, reason=error.reason, seen=error.detail)
        case pytest.skip.Exception():
            return Verdict(
                outcome=Outcome.INCONCLUSIVE, reason="skipped-without-reason-code", seen=str(error.msg)
            )
        case pytest.fail.Exception() if _TIME_LIMIT.match(str(error.msg)):
            return Verdict(outcome=Outcome.ERROR, reason="scenario-timed-out", seen=str(error.msg))
        case httpx.TransportError():
            seen = f"{type(error).__name__}: {error}"
            return Verdict(outcome=Outcome.INCONCLUSIVE, reason="no-answer", seen=seen)
        case AssertionError() if in_call:
            return Verdict(outcome=Outcome.FAIL, reason="not-as-expected", seen=str(error))
        case _:
            reason = "scenario-crashed" if in_call else "set-up-failed"
            return Verdict(outcome=Outcome.ERROR, reason=reason, seen=f"{type(error).__name__}: {error}")


@dataclass(slots=True, kw_only=True)
class Scenario:
    """One test while it runs: what it promises to judge and what it has judged.

    `pending` are the fails of the first attempt; the second one decides about them and about nothing else.
    """

    name: str
    expected: str
    requirements: Mapping[str, tuple[str, ...]]
    judged: dict[tuple[str, str], Verdict] = field(default_factory=dict)
    pending: dict[tuple[str, str], Finding] = field(default_factory=dict)
    earlier: dict[tuple[str, str], Verdict] = field(default_factory=dict)
    attempt: int = 1
    last_request: httpx.Request | None = None
    subject: str = ""
    is_settled: bool = False

    @property
    def step(self) -> str:
        """What the requests of this scenario, or of the subject at hand, are marked with."""
        return quote(f"{self.name}#{self.subject}" if self.subject else self.name, safe="/:#[] {}_-.,=")

    def begin_again(self) -> None:
        """Forget the first attempt but for its fails."""
        self.attempt = 2
        self.earlier, self.judged = self.judged, {}
        self.subject = ""
        self.is_settled = False

    def worst(self) -> Verdict | None:
        """Return the first verdict that keeps the scenario from passing."""
        for outcome in (Outcome.FAIL, Outcome.ERROR, Outcome.INCONCLUSIVE):
            found = next((each for each in self.judged.values() if each.outcome is outcome), None)
            if found is not None:
                return found
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Deferred:
    """A scenario that never ran; it counts only where no other scenario judged the subject."""

    scenario: Scenario
    verdict: Verdict


class Ledger:
    """The one writer of a findings file; without a file it only keeps account."""

    def __init__(self, context: ScenarioContext, path: Path | None, redact: Callable[[str], str]) -> None:
        self._context = context
        self._redact = redact
        self._file: TextIO | None = None if path is None else path.open("a", encoding="utf-8", buffering=1)
        self._deferred: list[_Deferred] = []
        self._judged: set[tuple[str, str]] = set()

    def judge(self, scenario: Scenario, requirement: str, subject: str, verdict: Verdict) -> None:
        """Record one verdict at once; a fail waits for the second attempt."""
        key = (requirement, subject)
        self._judged.add(key)
        finding = self._finding(scenario, requirement, subject, verdict)
        if scenario.attempt == 1:
            scenario.judged[key] = verdict
            if verdict.outcome is Outcome.FAIL:
                scenario.pending[key] = finding
            else:
                self._record(scenario, finding)
            return
        first = scenario.pending.pop(key, None)
        scenario.judged.setdefault(key, scenario.earlier.get(key, AS_EXPECTED))
        if first is not None:
            settled = confirmed(first, finding)
            scenario.judged[key] = Verdict(outcome=settled.outcome, reason=settled.reason, seen=settled.seen)
            self._record(scenario, settled)

    def close_attempts(self, scenario: Scenario) -> None:
        """What failed in the first attempt and was not judged in the second was not reproduced."""
        for first in scenario.pending.values():
            self._record(scenario, confirmed(first, None, instead="The second attempt did not come so far."))
        scenario.pending.clear()

    def _finding(self, scenario: Scenario, requirement: str, subject: str, verdict: Verdict) -> Finding:
        return Finding(
            requirement=requirement,
            subject=subject,
            outcome=verdict.outcome,
            reason=verdict.reason,
            layer=Layer.SCENARIOS,
            producer=f"scenarios:{scenario.name}",
            expected=scenario.expected,
            seen=self._redact(verdict.seen[:_LONGEST_SEEN]),
            reproduction=self._redact(self._reproduction(scenario)),
        )

    def _record(self, scenario: Scenario, finding: Finding) -> None:
        self._write({**finding_to_json(finding, target=self._context.target), "step": scenario.step})

    def judge_rest(self, scenario: Scenario, verdict: Verdict) -> None:
        """Give every subject that the scenario promised and did not judge the same verdict."""
        if scenario.is_settled:
            return
        for requirement, subjects in self._promised(scenario).items():
            for subject in subjects:
                if (requirement, subject) not in scenario.judged:
                    self.judge(scenario, requirement, subject, verdict)

    def settle(self, scenario: Scenario) -> None:
        """The scenario ended well: what it did not judge one by one passes as a whole, or was not reached."""
        scenario.is_settled = True
        for requirement, subjects in scenario.requirements.items():
            one_by_one = any(judged == requirement for judged, _ in scenario.judged)
            verdict = (
                Verdict(
                    outcome=Outcome.INCONCLUSIVE,
                    reason="not-reached",
                    seen="The scenario ended without judging this subject.",
                )
                if one_by_one
                else AS_EXPECTED
            )
            for subject in subjects or (() if one_by_one else ("target",)):
                if (requirement, subject) not in scenario.judged:
                    self.judge(scenario, requirement, subject, verdict)

    def spoil(self, scenario: Scenario, verdict: Verdict) -> None:
        """Clearing up after the scenario failed: what it judged stands beside an error."""
        for requirement, subject in tuple(scenario.judged):
            self._record(scenario, self._finding(scenario, requirement, subject, verdict))

    def defer(self, scenario: Scenario, verdict: Verdict) -> None:
        """Remember a scenario that must not run; it counts where no other one judged its subjects."""
        self._deferred.append(_Deferred(scenario=scenario, verdict=verdict))

    def close(self, *, collected: int, ran: int, errors: int, exit_code: int) -> None:
        """Write what was deferred and the line that says the session came to its end."""
        for each in self._deferred:
            for requirement, subjects in self._promised(each.scenario).items():
                for subject in subjects:
                    if (requirement, subject) not in self._judged:
                        self.judge(each.scenario, requirement, subject, each.verdict)
        end = {"collected": collected, "ran": ran, "errors": errors, "exit_code": exit_code}
        self._write({"schema": END_SCHEMA, **end})
        if self._file is not None:
            self._file.close()

    def _promised(self, scenario: Scenario) -> Mapping[str, Sequence[str]]:
        planned = self._context.planned or {}
        return {
            requirement: subjects or planned.get(requirement) or ("target",)
            for requirement, subjects in scenario.requirements.items()
        }

    def _reproduction(self, scenario: Scenario) -> str:
        base = "$TARGET" if self._context.is_launched else self._context.base_url
        again = f'pytest scenarios/{scenario.name} --target "{base}"'
        if scenario.last_request is None:
            return again
        request = curl(scenario.last_request, base_url=self._context.base_url, base_name=base)
        return f"{request}\n{again}"

    def _write(self, record: Mapping[str, object]) -> None:
        if self._file is not None and not self._file.closed:
            self._file.write(json.dumps(record, ensure_ascii=False) + "\n")
