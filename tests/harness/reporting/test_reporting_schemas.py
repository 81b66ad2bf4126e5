"""What is written satisfies the published JSON Schemas, and the schemas can refuse."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from harness.catalogue.rubric import load_rubric, requirement_to_json
from harness.cli.diff import diff_record
from harness.core.finding import finding_from_json, finding_to_json
from harness.core.gates import Baseline, Gates, Ratchet
from harness.core.history import entry_from_json, entry_to_json
from harness.core.maturity import ScoredRun
from harness.core.resources import resource
from harness.core.run import LayerRecord, run_from_json, run_to_json
from harness.reporting.maturity_json import maturity_record
from harness.reporting.registry import reports
from harness.reporting.verdict import verdict_record
from harness.runner.landed import ratchet_record
from harness.scoring.movement import entry_of

NAMES = ("requirement", "finding", "run", "maturity", "verdict", "history", "diff", "ratchet")


def schema_of(name: str) -> dict[str, Any]:
    text = (resource("contracts/schemas") / f"{name}.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def validator(name: str) -> Draft202012Validator:
    registry: Registry[Any] = Registry().with_resources(
        (f"{other}.schema.json", Resource.from_contents(schema_of(other))) for other in NAMES
    )
    return Draft202012Validator(schema_of(name), registry=registry)


def flaws(name: str, record: Mapping[str, Any]) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in validator(name).iter_errors(record)]


@pytest.fixture(scope="session")
def records(sample: ScoredRun, fifth: ScoredRun) -> dict[str, dict[str, Any]]:
    return {
        "requirement": requirement_to_json(load_rubric().requirements[0]),
        "finding": finding_to_json(sample.findings[0], target=sample.run.target),
        "run": run_to_json(sample.run),
        "maturity": maturity_record(sample),
        "verdict": verdict_record(sample),
        "diff": diff_record(sample, fifth),
        "ratchet": ratchet_record(sample),
        "history": entry_to_json(entry_of(sample.run, sample.maturity, sample.verdict)),
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_itself_valid(name: str) -> None:
    Draft202012Validator.check_schema(schema_of(name))


@pytest.mark.parametrize("name", NAMES)
def test_a_record_satisfies_its_schema(name: str, records: Any) -> None:
    assert flaws(name, json.loads(json.dumps(records[name]))) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_record_names_the_version_of_its_shape(name: str, records: Any) -> None:
    assert records[name]["schema"] == f"{name}/1"
    assert flaws(name, {**records[name], "schema": f"{name}/2"})


@pytest.mark.parametrize("name", NAMES)
def test_a_member_that_the_schema_does_not_know_is_refused(name: str, records: Any) -> None:
    assert flaws(name, {**records[name], "surprise": 1})


@pytest.mark.parametrize("name", NAMES)
def test_a_member_that_is_missing_is_refused(name: str, records: Any) -> None:
    for member in schema_of(name)["required"]:
        assert flaws(name, {key: value for key, value in records[name].items() if key != member}), member


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("finding", {"outcome": "maybe"}),
        ("finding", {"fingerprint": "short"}),
        ("finding", {"attempts": 0}),
        ("requirement", {"level": "initial"}),
        ("requirement", {"source": []}),
        ("requirement", {"subjects": "everything"}),
        ("verdict", {"exit_code": 8}),
        ("verdict", {"verdict": "ok"}),
        ("ratchet", {"floors": {"secrity": 1}}),
        ("diff", {"changes": [{"kind": "other"}]}),
        ("history", {"failing": ["short"]}),
        ("history", {"measured": "0.6"}),
        ("history", {"cells": {"auth.x": {"target": "maybe"}}}),
        ("run", {"depth": "deep"}),
        ("run", {"layers": {"fuzz": {"completion": "fine"}}}),
        ("maturity", {"areas": []}),
    ],
)
def test_a_value_outside_its_range_is_refused(name: str, change: dict[str, Any], records: Any) -> None:
    assert flaws(name, {**records[name], **change})


def test_every_requirement_and_every_finding_satisfies_its_schema(sample: ScoredRun) -> None:
    for requirement in load_rubric().requirements:
        assert flaws("requirement", requirement_to_json(requirement)) == []
    for finding in sample.findings:
        assert flaws("finding", finding_to_json(finding, target="reference")) == []


def test_findings_and_runs_come_back_from_their_json_form(sample: ScoredRun) -> None:
    for finding in sample.findings:
        record = json.loads(json.dumps(finding_to_json(finding, target="reference")))
        assert finding_from_json(record) == finding
    assert run_from_json(json.loads(json.dumps(run_to_json(sample.run)))) == sample.run


def test_every_gate_comes_back_from_its_json_form(sample_run: Callable[..., ScoredRun]) -> None:
    gates = Gates(
        fail_under={"security": 8.5},
        min_level="mature",
        expired={"a.b target": "old (team), until 2026-01-01"},
        baseline=Baseline(run="before", target="reference", rubric_hash="x", passed=(("a.b", "target"),)),
        ratchet=Ratchet(target="reference", rubric_hash="x", floors={"security": 8.1}),
    )
    run = sample_run(gates=gates).run

    assert flaws("run", json.loads(json.dumps(run_to_json(run)))) == []
    assert run_from_json(json.loads(json.dumps(run_to_json(run)))) == run


def test_a_remembered_run_comes_back_from_its_json_form(sample: ScoredRun) -> None:
    entry = entry_of(sample.run, sample.maturity, sample.verdict)

    assert entry_from_json(json.loads(json.dumps(entry_to_json(entry)))) == entry


def test_a_layer_may_carry_the_counters_of_switched_on_defects(sample_run: Callable[..., ScoredRun]) -> None:
    switches = {"breaker-never-opens": {"applied": True, "reached": 3, "triggered": 1}}
    layers = {"fuzz": LayerRecord(completion="completed", told_apart=True, switches=switches)}

    assert flaws("run", run_to_json(sample_run(layers=layers).run)) == []


def test_the_json_reports_are_these_records(sample: ScoredRun, records: Any) -> None:
    rendered = {name: body for report in reports() for name, body in report.render(sample).items()}

    assert json.loads(rendered["maturity.json"]) == records["maturity"]
    assert json.loads(rendered["verdict.json"]) == records["verdict"]


def test_a_withheld_level_is_null_and_says_why(sample_run: Callable[..., ScoredRun]) -> None:
    record = maturity_record(sample_run(is_partial=True))

    assert (record["overall"]["level"], record["overall"]["low"]) == (None, None)
    assert record["overall"]["withheld"] == "the run was partial by choice"
    assert {area["level"] for area in record["areas"]} == {None}
    assert flaws("maturity", record) == []


def test_scores_are_given_rounded_down_and_exactly(records: Any) -> None:
    for area in records["maturity"]["areas"]:
        numerator, _, denominator = area["low_exact"].partition("/")
        exact = int(numerator) / int(denominator or 1)
        assert area["low"] <= exact < area["low"] + 0.1
