"""`harness replay`: the recorded requests again, what their answers mean, and what is never sent."""

from pathlib import Path
from typing import Any

import pytest

from harness.cli import main
from harness.core.finding import fingerprint
from harness.core.layer import Layer
from harness.core.outcome import Outcome
from tests.harness.cli.recorded_runs import exchange, failure, shop, write_run

REQUIREMENT = "errors.no-server-errors"
OTHER = "auth.jwt-signature-verified"
TARGET_FILE = """
name = "shop"
base_url = "{url}"

[[identities]]
name = "alice"
kind = "bearer"
secret = "alices-own-token"
"""


def recorded(folder: Path, *findings: Any, exchanges: Any = (), **fields: Any) -> Path:
    planned = [(item.requirement, item.subject) for item in findings] or [(REQUIREMENT, "GET /items")]
    return write_run(folder, exchanges=exchanges, findings=findings, planned=planned, **fields)


def replay(folder: Path, *words: str) -> int:
    return main(["replay", *words, "--run", str(folder)])


@pytest.fixture
def judged(tmp_path: Path) -> Path:
    """A run in which a judge finds a 500."""
    return recorded(tmp_path / "run", exchanges=[exchange()])


@pytest.mark.parametrize(("status", "code", "word"), [(500, 1, "reproduced"), (200, 0, "not reproduced")])
def test_a_finding_of_a_judge_is_judged_again_on_the_new_answer(
    judged: Path, capsys: pytest.CaptureFixture[str], status: int, code: int, word: str
) -> None:
    with shop(lambda _method, _path: (status, b'{"other": 1}')) as (url, asked):
        found = replay(judged, REQUIREMENT, "GET", "/items", "--target", url)

    said = capsys.readouterr().out
    assert found == code
    assert f"exit {code}: {word}: judge server-errors says" in said.splitlines()[-1]
    assert [item[:2] for item in asked if item[2].get("accept") == "*/*"][-1] == ("GET", "/items")
    assert "recorded" in said
    assert "now" in said


@pytest.mark.parametrize(
    ("answer", "code", "why"),
    [
        ((500, b'{"a": 2}'), 1, "every answer is of the same kind"),
        ((404, b'{"a": 2}'), 0, "status 404 instead of 500"),
        ((500, b'{"b": 2}'), 0, "members a, b"),
    ],
)
def test_other_findings_are_reproduced_when_every_answer_is_of_the_same_kind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], answer: tuple[int, bytes], code: int, why: str
) -> None:
    folder = recorded(
        tmp_path / "run", failure(OTHER, "target", "scenarios-1"), exchanges=[exchange(answer='{"a": 1}')]
    )

    with shop(lambda _method, _path: answer) as (url, _):
        found = replay(folder, OTHER, "--target", url)

    assert found == code
    assert why in capsys.readouterr().out.splitlines()[-1]


def test_a_finding_is_named_by_the_beginning_of_its_fingerprint(
    judged: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = fingerprint(REQUIREMENT, "GET /items", "shop")

    with shop(lambda _method, _path: (500, b"{}")) as (url, _):
        assert replay(judged, name[:6], "--target", url) == 1

    assert f"{REQUIREMENT}  GET /items" in capsys.readouterr().out


def test_the_url_of_the_run_is_asked_when_no_target_is_named(tmp_path: Path) -> None:
    with shop(lambda _method, _path: (500, b"{}")) as (url, asked):
        folder = recorded(tmp_path / "run", exchanges=[exchange(target="/items?q=%2F")], base_url=f"{url}/v2")

        assert replay(folder, REQUIREMENT) == 1

    assert asked[-1][:2] == ("GET", "/items?q=%2F")


def test_a_request_that_may_change_the_target_is_not_sent_without_consent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    finding = failure(OTHER, "target", "scenarios-1", "scenarios-2")
    exchanges = [exchange("scenarios-1"), exchange("scenarios-2", method="POST", body="{}")]
    folder = recorded(tmp_path / "run", finding, exchanges=exchanges)

    with shop(lambda _method, _path: (500, b"{}")) as (url, asked):
        found = replay(folder, OTHER, "--target", url)

    assert found == 5
    assert "it did not consent" in capsys.readouterr().out.splitlines()[-1]
    assert "POST" not in {method for method, *_ in asked}
    assert not [item for item in asked if item[2].get("accept") == "*/*" and item[1] == "/items"]


def test_with_consent_the_body_is_sent_as_it_was(tmp_path: Path) -> None:
    folder = recorded(
        tmp_path / "run",
        failure(OTHER, "target", "scenarios-1"),
        exchanges=[
            exchange(method="POST", body='{"name": "tea"}', headers=[("Content-Type", "application/json")])
        ],
    )
    file = tmp_path / "shop.toml"

    with shop(lambda _method, _path: (500, b"{}")) as (url, asked):
        file.write_text(TARGET_FILE.format(url=url) + "\n[consent]\nwrites = true\n", encoding="utf-8")
        found = replay(folder, OTHER, "--target", str(file))

    assert found == 1
    (posted,) = [item for item in asked if item[0] == "POST"]
    assert posted[3] == b'{"name": "tea"}'


@pytest.mark.parametrize("table", ["", 'destructive = ["DELETE /items/{id}"]'])
def test_what_destroys_must_be_named(tmp_path: Path, capsys: pytest.CaptureFixture[str], table: str) -> None:
    folder = recorded(
        tmp_path / "run",
        failure(OTHER, "target", "scenarios-1"),
        exchanges=[exchange(method="DELETE", target="/items/{id}")],
    )
    file = tmp_path / "shop.toml"

    with shop(lambda _method, _path: (500, b"{}")) as (url, asked):
        file.write_text(
            f"{TARGET_FILE.format(url=url)}\n[consent]\nwrites = true\n{table}\n", encoding="utf-8"
        )
        found = replay(folder, OTHER, "--target", str(file))

    assert found == (1 if table else 5), capsys.readouterr().out
    assert ("DELETE" in {method for method, *_ in asked}) == bool(table)


def test_an_operation_that_is_never_to_be_called_is_not_called(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = recorded(tmp_path / "run", exchanges=[exchange()])
    file = tmp_path / "shop.toml"

    with shop(lambda _method, _path: (500, b"{}")) as (url, asked):
        file.write_text(f'never = ["GET /items"]\n{TARGET_FILE.format(url=url)}', encoding="utf-8")
        found = replay(folder, REQUIREMENT, "--target", str(file))

    assert found == 5
    assert "never called again" in capsys.readouterr().out
    assert "/items" not in {path for _, path, *_ in asked}


def test_secrets_are_filled_from_the_identities_of_a_target_file_and_shown_as_placeholders(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hidden = exchange(headers=[("Authorization", "Bearer {{secret:jwt:0a1b2c3d}}")], identity="alice")
    folder = recorded(tmp_path / "run", exchanges=[hidden])
    file = tmp_path / "shop.toml"

    with shop(lambda _method, _path: (500, b'{"echo": "alices-own-token"}')) as (url, asked):
        without = replay(folder, REQUIREMENT, "--target", url)
        file.write_text(TARGET_FILE.format(url=url), encoding="utf-8")
        found = replay(folder, REQUIREMENT, "--target", str(file))

    said = capsys.readouterr().out
    assert (without, found) == (5, 1)
    assert "identity alice: --target FILE" in said
    assert asked[-1][2]["authorization"] == "Bearer alices-own-token"
    assert "alices-own-token" not in said


def test_a_request_noted_by_its_role_is_made_by_who_has_the_role(tmp_path: Path) -> None:
    folder = recorded(
        tmp_path / "run",
        exchanges=[
            exchange(headers=[("Authorization", "Bearer {{secret:jwt:0a1b2c3d}}")], identity="reader")
        ],
    )
    file = tmp_path / "shop.toml"

    with shop(lambda _method, _path: (500, b"{}")) as (url, asked):
        file.write_text(TARGET_FILE.format(url=url) + 'role = "reader"\n', encoding="utf-8")
        assert replay(folder, REQUIREMENT, "--target", str(file)) == 1

    assert asked[-1][2]["authorization"] == "Bearer alices-own-token"


@pytest.mark.parametrize(
    ("finding", "exchanges", "why"),
    [
        (failure(OTHER, "target"), [], "no recorded exchange stands behind it"),
        (failure(OTHER, "target", "gone-1"), [], "no longer in the run folder"),
        (failure(OTHER, "target", "scenarios-1", layer=Layer.CHAOS), [exchange()], "--layer chaos"),
        (failure(OTHER, "target", "scenarios-1"), [exchange(fault_active=True)], "a fault was injected"),
    ],
)
def test_what_cannot_be_repeated_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], finding: Any, exchanges: Any, why: str
) -> None:
    folder = recorded(tmp_path / "run", finding, exchanges=exchanges)

    with shop(lambda _method, _path: (500, b"{}")) as (url, _):
        assert replay(folder, OTHER, "--target", url) == 5

    assert why in capsys.readouterr().out.splitlines()[-1]


def test_curl_lines_are_printed_and_nothing_is_sent(judged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert replay(judged, REQUIREMENT, "--curl") == 0

    assert capsys.readouterr().out == "curl -i -H 'Accept: */*' http://127.0.0.1:9/items\n"


def test_a_target_that_is_gone_is_four(judged: Path) -> None:
    assert replay(judged, REQUIREMENT) == 4


def test_a_target_that_the_run_launched_must_be_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = recorded(tmp_path / "run", exchanges=[exchange()], is_launched=True)

    assert replay(folder, REQUIREMENT) == 2
    assert "--target FILE launches it" in capsys.readouterr().err


def test_a_requirement_of_several_subjects_needs_one_of_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = recorded(
        tmp_path / "run",
        failure(OTHER, "one", outcome=Outcome.FAIL),
        failure(OTHER, "two", outcome=Outcome.FAIL),
    )

    assert replay(folder, OTHER) == 2
    assert "has 2 subjects" in capsys.readouterr().err


def test_the_first_finding_that_can_be_repeated_stands_for_its_subject(tmp_path: Path) -> None:
    hidden = exchange("scenarios-1", headers=[("Authorization", "Bearer {{secret:jwt:0a1b2c3d}}")])
    folder = recorded(
        tmp_path / "run",
        failure(OTHER, "target", "scenarios-1", producer="a"),
        failure(OTHER, "target", "scenarios-2", producer="b"),
        exchanges=[hidden, exchange("scenarios-2", target="/open")],
    )

    with shop(lambda _method, _path: (500, b"{}")) as (url, asked):
        assert replay(folder, OTHER, "--target", url) == 1

    assert asked[-1][1] == "/open"


def test_a_pass_that_is_seen_again_is_zero(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = recorded(tmp_path / "run", exchanges=[exchange(status=200)])

    with shop(lambda _method, _path: (200, b"{}")) as (url, _):
        assert replay(folder, REQUIREMENT, "--target", url) == 0

    said = capsys.readouterr().out.splitlines()
    assert said[-2] == f"PASS  {REQUIREMENT}  GET /items"
    assert said[-1].startswith("exit 0: reproduced")
