"""Runs a scenario that judged a fail once more, with fresh fixtures: only what fails twice is a fail."""

from typing import Any, Protocol, cast

import pytest
from _pytest.runner import runtestprotocol

from harness.layers.scenarios.ledger import Ledger, Scenario


class _Renewable(Protocol):
    """A test function; pytest has no public way to run one again; every plug-in that does uses this."""

    def _initrequest(self) -> None: ...


def run_with_confirmation(
    item: pytest.Item, nextitem: pytest.Item | None, scenario: Scenario, ledger: Ledger
) -> None:
    """Run an item, and once more when it judged a fail; only the last attempt is reported."""
    hook = item.ihook
    hook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    reports = runtestprotocol(item, log=False, nextitem=nextitem)
    if scenario.pending:
        scenario.begin_again()
        cast("_Renewable", item)._initrequest()  # noqa: SLF001 - see above
        reports = runtestprotocol(item, log=False, nextitem=nextitem)
        ledger.close_attempts(scenario)
    for report in cast("list[Any]", reports):
        hook.pytest_runtest_logreport(report=report)
    hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
