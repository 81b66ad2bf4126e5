"""What a person reads at the end: causes worst first, what would measure more, the exit code last."""

import io
from pathlib import Path

from harness.cli.summary import print_summary
from harness.core.maturity import ScoredRun
from harness.core.outcome import Outcome
from harness.reporting.causes import causes
from harness.reporting.reading import counts
from tests.harness.reporting.sample_run import sample_run


def said(scored: ScoredRun, *, verbose: bool = False) -> list[str]:
    stream = io.StringIO()
    print_summary(scored, Path("reports/x"), stream=stream, verbose=verbose)
    return stream.getvalue().splitlines()


def test_causes_come_worst_first_and_the_rest_is_counted() -> None:
    scored = sample_run()
    lines = [line for line in said(scored) if line.startswith("FAIL")]

    ranks = [["critical", "high", "medium", "low"].index(line.split()[1]) for line in lines]
    assert ranks == sorted(ranks)
    assert lines[0].split()[2] == causes(scored)[0].requirement.id
    assert any("more in the report" in line for line in said(scored))


def test_every_finding_is_listed_when_asked() -> None:
    scored = sample_run()

    lines = said(scored, verbose=True)

    for outcome in (Outcome.FAIL, Outcome.INCONCLUSIVE):
        listed = [line for line in lines if line.startswith(outcome.value.upper())]
        assert len(listed) == counts(scored)[outcome]


def test_a_portable_target_is_told_what_would_measure_more() -> None:
    lines = said(sample_run(profile="portable"))

    at = next(at for at, line in enumerate(lines) if " measured: " in line)
    assert lines[at].startswith(("+", "under"))
    assert lines[at + 1].startswith("    [")
    assert lines[-1].startswith("exit ")


def test_a_core_target_that_has_a_level_is_not() -> None:
    assert not [line for line in said(sample_run()) if " measured: " in line]


def test_a_run_that_states_no_level_names_none_for_its_areas_either() -> None:
    scored = sample_run(leave_open=0.9)
    assert scored.maturity.withheld

    lines = [line for line in said(scored) if "% measured" in line and line.startswith("API design")]

    assert len(lines) == 1
    assert (
        not lines[0]
        .replace("(claimed 9 advanced)", "")
        .rstrip()
        .endswith(("initial", "developing", "mature"))
    )
