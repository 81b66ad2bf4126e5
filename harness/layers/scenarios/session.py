"""The pytest hooks of a scenario session: what runs, what is withheld, and what becomes a finding."""

import inspect
import secrets
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from harness.core.layer import Depth
from harness.core.outcome import Outcome
from harness.core.plan import CapabilityState
from harness.core.redaction import Redactor
from harness.layers.scenarios.attempts import run_with_confirmation
from harness.layers.scenarios.by_hand import open_target
from harness.layers.scenarios.context import ScenarioContext, read_context
from harness.layers.scenarios.ledger import Ledger, Scenario, Verdict, verdict_of
from harness.layers.scenarios.signals import Inconclusive, NotApplicable

SESSION = pytest.StashKey["ScenarioSession"]()
SCENARIO = pytest.StashKey[Scenario]()
_WITHHELD = pytest.StashKey[bool]()
_DEPTHS = tuple(Depth)


class SubjectsNotAsExpected(AssertionError):
    """A scenario that judged its subjects one by one and did not find all of them as expected."""


def pytest_configure(config: pytest.Config) -> None:
    """Reach the target and hook in; a target that cannot be reached ends the session before it collects."""
    config.stash[SESSION] = ScenarioSession(config)
    config.pluginmanager.register(config.stash[SESSION], "core-harness-session")


class ScenarioSession:
    """One pytest session on one target; its methods are hooks."""

    def __init__(self, config: pytest.Config) -> None:
        self._stack = ExitStack()
        context_file = config.getoption("--harness-context")
        self.context: ScenarioContext = (
            read_context(Path(context_file))
            if context_file
            else self._stack.enter_context(open_target(config.getoption("--target")))
        )
        redactor = Redactor(self.context.secrets, secrets.token_bytes(16))
        findings = config.getoption("--findings")
        self.ledger = Ledger(self.context, Path(findings) if findings else None, redactor.text)
        self._has_allure = config.pluginmanager.hasplugin("allure_pytest")
        self._collected = 0
        self._ran = 0
        self._errors = 0

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Write what is left to write and stop what was started."""
        self.ledger.close(
            collected=self._collected, ran=self._ran, errors=self._errors, exit_code=int(exitstatus)
        )

    def pytest_unconfigure(self) -> None:
        """Stop what was started."""
        self._stack.close()

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Count files that could not be read: half a pack is no pack."""
        self._errors += report.failed

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Leave out what the plan does not ask for and what digs deeper than this run."""
        self._collected = len(items)
        kept = [item for item in items if self._is_wanted(item)]
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = kept

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Withhold what nobody consented to, before any fixture can send anything."""
        if SCENARIO not in item.stash:
            return
        item.stash[_WITHHELD] = True
        if item.get_closest_marker("writes") and not self.context.may_write:
            raise Inconclusive("no-consent-writes", "The target's owner did not consent to writes.")
        if item.get_closest_marker("faults") and not self.context.may_fault:
            raise Inconclusive("no-consent-faults", "The target's owner did not consent to faults.")
        for mark in item.iter_markers("needs"):
            if self.context.capabilities.get(mark.args[0]) is CapabilityState.ABSENT:
                raise NotApplicable(mark.args[0])
        item.stash[_WITHHELD] = False
        self._ran += item.stash[SCENARIO].attempt == 1

    @pytest.hookimpl
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
        """Run a scenario; one that judged a fail is run once more before that is said."""
        if (scenario := item.stash.get(SCENARIO, None)) is None:
            return None
        run_with_confirmation(item, nextitem, scenario, self.ledger)
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Run a scenario; when it judged subjects one by one, the worst of them is its own outcome."""
        if (scenario := item.stash.get(SCENARIO, None)) is None:
            return (yield)
        result = yield
        self.ledger.settle(scenario)
        if (worst := scenario.worst()) is not None:
            raise _as_exception(scenario, worst)
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Write the findings of a scenario that did not come to its own end."""
        report = yield
        scenario = item.stash.get(SCENARIO, None)
        if scenario is None or call.excinfo is None:
            return report
        verdict = verdict_of(call.excinfo.value, in_call=call.when == "call")
        if call.when == "teardown":
            self.ledger.spoil(scenario, verdict)
        elif item.stash[_WITHHELD]:
            self.ledger.defer(scenario, verdict)
        else:
            self.ledger.judge_rest(scenario, verdict)
        return report

    def _is_wanted(self, item: pytest.Item) -> bool:
        scenario = scenario_of(item)
        if scenario is None:
            return True
        item.stash[SCENARIO] = scenario
        if self._has_allure:
            for requirement in scenario.requirements:
                item.add_marker(pytest.mark.allure_label(requirement, label_type="requirement"))
        planned = self.context.planned
        if planned is not None and not any(each in planned for each in scenario.requirements):
            return False
        least = _least_depth(item)
        if _DEPTHS.index(least) <= _DEPTHS.index(self.context.depth):
            return True
        too_deep = Inconclusive("depth-not-reached", f"This needs --depth {least.value}.")
        self.ledger.defer(scenario, verdict_of(too_deep))
        return False


def scenario_of(item: pytest.Item) -> Scenario | None:
    """Read what a test promises to judge from its marks; None when it is no scenario."""
    requirements: dict[str, tuple[str, ...]] = {}
    for mark in item.iter_markers("requirement"):
        requirements[mark.args[0]] = (*requirements.get(mark.args[0], ()), *mark.args[1:])
    if not requirements:
        return None
    words = inspect.getdoc(getattr(item, "function", None)) or item.name.replace("_", " ")
    return Scenario(
        name=f"{item.path.parent.name}/{item.path.name}::{item.name}",
        expected=words.splitlines()[0],
        requirements=requirements,
    )


def _least_depth(item: pytest.Item) -> Depth:
    marked = (Depth(mark.args[0]) for mark in item.iter_markers("depth"))
    return max(marked, key=_DEPTHS.index, default=Depth.QUICK)


def _as_exception(scenario: Scenario, worst: Verdict) -> BaseException:
    if worst.outcome is Outcome.INCONCLUSIVE:
        return Inconclusive(worst.reason, worst.seen)
    lines = (
        f"{subject}: {verdict.outcome.value}: {verdict.seen}"
        for (_, subject), verdict in scenario.judged.items()
        if verdict.outcome in {Outcome.FAIL, Outcome.ERROR}
    )
    return SubjectsNotAsExpected("\n".join(lines))
