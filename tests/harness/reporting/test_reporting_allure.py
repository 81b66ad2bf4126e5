"""Allure results: a result per requirement, a step per subject, ids and times from the evidence alone."""

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from harness.core.history import Entry
from harness.core.maturity import ScoredRun
from harness.core.outcome import Outcome
from harness.reporting import allure
from harness.scoring.assemble import assemble


@pytest.fixture(scope="session")
def files(sample: ScoredRun) -> dict[str, bytes]:
    return {name.removeprefix("allure-results/"): body for name, body in allure.render(sample).items()}


@pytest.fixture(scope="session")
def results(files: dict[str, bytes]) -> dict[str, Any]:
    loaded = [json.loads(body) for name, body in files.items() if name.endswith("-result.json")]
    return {item["name"]: item for item in loaded}


def every_result(sample: ScoredRun) -> dict[str, Any]:
    return {item.requirement.id: item for area in sample.maturity.areas for item in area.requirements}


def test_there_is_a_result_per_requirement_with_a_step_per_subject(sample: ScoredRun, results: Any) -> None:
    scored = every_result(sample)

    assert set(results) == set(scored)
    for name, result in results.items():
        assert [step["name"] for step in result["steps"]] == [item.subject for item in scored[name].subjects]


def test_labels_put_a_requirement_under_its_area(results: Any) -> None:
    result = results["auth.refresh-reuse-revokes-family"]
    labels = {item["name"]: item["value"] for item in result["labels"]}

    assert (labels["epic"], labels["feature"], labels["severity"]) == ("Security", "auth", "blocker")
    assert labels["story"] == "A refresh token used twice revokes every token of its family."
    assert result["fullName"] == "harness#auth.refresh-reuse-revokes-family"


@pytest.mark.parametrize(
    ("outcome", "shown"),
    [
        (Outcome.FAIL, ("failed", "MUST failed")),
        (Outcome.INCONCLUSIVE, ("skipped", "Inconclusive: not measured")),
    ],
)
def test_what_did_not_pass_falls_into_a_category_of_its_own(
    sample: ScoredRun, results: Any, files: dict[str, bytes], outcome: Outcome, shown: tuple[str, str]
) -> None:
    status, category = shown
    names = [
        name
        for name, item in every_result(sample).items()
        if item.outcome is outcome and item.requirement.must
    ]
    assert names
    for name in names:
        assert results[name]["status"] == status
        message = results[name]["statusDetails"]["message"]
        fitting = [
            item["name"]
            for item in json.loads(files["categories.json"])
            if status in item["matchedStatuses"] and re.fullmatch(item["messageRegex"], message)
        ]
        assert fitting == [category]


def test_an_inconclusive_result_says_its_reason(sample: ScoredRun, results: Any) -> None:
    for name, item in every_result(sample).items():
        if item.outcome is Outcome.INCONCLUSIVE:
            reasons = {part.reason for part in item.subjects if part.outcome is Outcome.INCONCLUSIVE}
            assert any(reason in results[name]["statusDetails"]["message"] for reason in reasons)


def test_every_attachment_that_is_named_is_written(results: Any, files: dict[str, bytes]) -> None:
    named = {
        attachment["source"]
        for result in results.values()
        for step in result["steps"]
        for attachment in step["attachments"]
    }

    assert named
    assert named == {name for name in files if name.endswith("-attachment.txt")}


def test_a_failed_step_carries_its_exchange_and_its_reproduction(
    results: Any, files: dict[str, bytes]
) -> None:
    step = next(step for result in results.values() for step in result["steps"] if step["status"] == "failed")

    kinds = [attachment["name"] for attachment in step["attachments"]]
    wire = files[step["attachments"][0]["source"]].decode()

    assert kinds[0].startswith("exchange scenarios-")
    assert kinds[-1] == "reproduction"
    assert "POST /items?q=%3Cb%3E" in wire
    assert "HTTP 500 after 0.012 s" in wire
    assert "{{secret:bearer:0a1b2c3d}}" in wire


def test_times_come_from_the_evidence(results: Any) -> None:
    for result in results.values():
        assert 1770200100000 <= result["start"] <= result["stop"] <= 1770200502000


def test_a_time_without_a_zone_is_taken_as_utc(sample: ScoredRun) -> None:
    naive = replace(sample.run, started="2026-02-04T10:15:00", finished="", subjects=())
    scored = assemble(naive, sample.requirements, engine_findings=(), judge_findings=(), exchanges={})

    times = {
        json.loads(body)["start"]
        for name, body in allure.render(scored).items()
        if name.endswith("result.json")
    }

    assert times == {1770200100000}


def test_history_is_the_same_in_every_run_of_a_target_and_another_for_another_target(
    sample: ScoredRun,
) -> None:
    def histories(scored: ScoredRun) -> tuple[set[str], set[str]]:
        loaded = [
            json.loads(body) for name, body in allure.render(scored).items() if name.endswith("result.json")
        ]
        return {item["historyId"] for item in loaded}, {item["uuid"] for item in loaded}

    mine, later = histories(sample), histories(replace(sample, run=replace(sample.run, id="another")))
    other = histories(replace(sample, run=replace(sample.run, target="other")))

    assert mine[0] == later[0]
    assert not mine[1] & later[1]
    assert not mine[0] & other[0]


def test_the_environment_is_a_properties_file_in_latin_letters(sample: ScoredRun) -> None:
    run = replace(sample.run, fingerprint="Läden 🏪 C:\\x\nnext")

    body = allure.render(replace(sample, run=run))["allure-results/environment.properties"].decode("ascii")

    assert "target=reference\n" in body
    assert "target.fingerprint=L\\u00e4den \\ud83c\\udfea C:\\\\x next\n" in body
    assert re.search(r"^area\.security=\d+\.\d \[\d+\.\d-\d+\.\d\]$", body, re.MULTILINE)


def test_both_generations_of_allure_find_the_categories(files: dict[str, bytes]) -> None:
    configured = json.loads(files["allurerc.json"])

    assert configured["categories"] == json.loads(files["categories.json"])
    assert "Inconclusive: not measured" in {item["name"] for item in configured["categories"]}


def test_earlier_runs_are_there_for_both_generations_of_allure(
    sample_run: Callable[..., ScoredRun], earlier: Sequence[Entry]
) -> None:
    files = {
        name.removeprefix("allure-results/"): json.loads(content) if name.endswith(".json") else content
        for name, content in allure.render(sample_run(earlier=earlier)).items()
    }

    points = [json.loads(line) for line in files["history.jsonl"].splitlines()]
    assert [point["name"] for point in points] == [entry.run for entry in earlier]
    assert files["allurerc.json"]["historyPath"] == "history.jsonl"
    trend = files["history/history-trend.json"]
    assert [item["buildOrder"] for item in trend] == [4, 3, 2, 1]
    assert files["executor.json"]["buildOrder"] == 5
    counted = [sum(outcome is Outcome.FAIL for outcome in entry.requirements.values()) for entry in earlier]
    assert [item["data"]["failed"] for item in trend] == counted[::-1]


def test_a_result_is_found_again_in_earlier_runs_by_the_key_that_allure_3_makes(
    sample_run: Callable[..., ScoredRun], earlier: Sequence[Entry]
) -> None:
    files = allure.render(sample_run(earlier=earlier))
    point = json.loads(files["allure-results/history.jsonl"].splitlines()[0])
    result = json.loads(next(body for name, body in files.items() if name.endswith("-result.json")))

    def md5(text: str) -> str:
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

    key = f"{md5(result['testCaseId'])}.{md5('target:reference')}"
    assert point["testResults"][key]["name"] == result["name"]


def test_the_executor_is_the_build_where_a_ci_ran_it(sample_run: Callable[..., ScoredRun]) -> None:
    built = {"type": "github", "name": "shop/api", "build": "ci #7", "url": "https://ci.example/7"}

    record = json.loads(allure.render(sample_run(executor=built))["allure-results/executor.json"])

    assert (record["type"], record["buildName"], record["buildUrl"]) == (
        "github",
        "ci #7",
        "https://ci.example/7",
    )


def test_a_first_run_has_no_earlier_ones(files: dict[str, bytes]) -> None:
    assert not [name for name in files if "history" in name]
