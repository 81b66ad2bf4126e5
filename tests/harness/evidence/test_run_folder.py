"""A run folder can be read whatever happened to the run."""

import json
from pathlib import Path

import pytest

from harness.core.errors import HarnessFault, UsageProblem
from harness.core.exchange import Exchange, Request, Response
from harness.core.finding import Finding
from harness.core.layer import Layer
from harness.core.outcome import Outcome
from harness.evidence.store import RunFolder


def finding(subject: str = "GET /items") -> Finding:
    return Finding(
        requirement="errors.no-server-errors",
        subject=subject,
        outcome=Outcome.PASS,
        reason="held",
        layer=Layer.FUZZ,
        producer="fuzz",
    )


def exchange(number: int) -> Exchange:
    return Exchange(
        id=f"fuzz-{number}",
        layer=Layer.FUZZ,
        request=Request(method="GET", target="/items"),
        response=Response(status=200, elapsed=0.01),
    )


def test_findings_and_exchanges_come_back_in_order(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path / "run")
    folder.write_run({"target": "reference"})

    folder.append_finding(finding("a"))
    folder.append_finding(finding("b"))
    folder.append_exchange(exchange(1))
    folder.append_exchange(exchange(2))

    assert [item.subject for item in folder.read_findings()] == ["a", "b"]
    assert [item.id for item in folder.read_exchanges()] == ["fuzz-1", "fuzz-2"]
    assert folder.count_exchanges(Layer.FUZZ) == 2
    assert folder.count_exchanges(Layer.CHAOS) == 0


def test_a_closed_folder_holds_no_file_open_and_can_be_written_again(tmp_path: Path) -> None:
    """One process may measure hundreds of times, and files are few."""
    folder = RunFolder.create(tmp_path / "run")
    folder.write_run({"target": "reference"})

    def held() -> list[Path]:
        links = (each.resolve() for each in Path("/proc/self/fd").iterdir())
        return [link for link in links if link.is_relative_to(tmp_path)]

    folder.append_finding(finding("a"))
    folder.append_exchange(exchange(1))
    folder.append_event({"event": "Started"})
    assert len(held()) == 3

    folder.close()

    assert held() == []
    folder.close()
    folder.append_finding(finding("b"))
    assert [item.subject for item in folder.read_findings()] == ["a", "b"]


def test_a_torn_last_line_costs_that_line_only(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path / "run")
    folder.append_exchange(exchange(1))
    with folder.exchanges.open("ab") as stream:
        stream.write(b'{"id":"fuzz-2","lay')

    again = RunFolder(folder.path)
    again.append_exchange(exchange(3))

    assert [item.id for item in again.read_exchanges()] == ["fuzz-1", "fuzz-3"]


def test_a_record_of_another_shape_is_a_fault_that_names_the_file(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path / "run")
    folder.exchanges.write_text('{"nothing": "we know"}\n')

    with pytest.raises(HarnessFault, match=r"exchanges\.ndjson"):
        list(folder.read_exchanges())


def test_a_folder_that_holds_a_run_is_not_used_again(tmp_path: Path) -> None:
    RunFolder.create(tmp_path / "run").write_run({"target": "x"})

    with pytest.raises(UsageProblem, match="already holds a run"):
        RunFolder.create(tmp_path / "run")


def test_run_json_is_replaced_whole(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path / "run")

    folder.write_run({"target": "x", "finished": ""})
    folder.write_run({"target": "x", "finished": "now"})

    assert json.loads(folder.run_json.read_text())["finished"] == "now"
    assert [item.name for item in folder.path.iterdir() if item.name.startswith(".")] == []


def test_an_attachment_is_found_by_its_hash_and_a_changed_one_is_refused(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path / "run")
    name = folder.attach(b"evidence", "text/plain")

    assert folder.read_attachment(name) == b"evidence"
    assert folder.attach(b"evidence", "text/plain") == name
    (folder.attachments / name).write_bytes(b"forged")
    with pytest.raises(HarnessFault, match="was changed"):
        folder.read_attachment(name)
    with pytest.raises(HarnessFault, match="not the name"):
        folder.read_attachment("../run.json")


def test_an_empty_folder_reads_as_nothing(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "nowhere")

    assert list(folder.read_exchanges()) == []
    assert list(folder.read_findings()) == []
    assert folder.count_exchanges(Layer.FUZZ) == 0
