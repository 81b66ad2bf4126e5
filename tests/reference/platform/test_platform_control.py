"""The control endpoints and seeded defects, as a harness meets them."""

import sys
from collections.abc import Callable, Iterator
from importlib import import_module, invalidate_caches
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from starlette.testclient import TestClient

from reference_impl.app import create_app
from reference_impl.defects import DefectError, discover
from reference_impl.settings import Settings

Start = Callable[..., Any]
RUDE = """
from reference_impl.defects import Defect


def rude(policies, probe):
    polite = policies["things.greeting"]

    def greet(name):
        probe.reached()
        if name == "you":
            return polite(name)
        probe.triggered()
        return "go away " + name

    policies.replace("things.greeting", greet)


def loud(policies, probe):
    polite = policies["things.greeting"]
    policies.replace("things.greeting", lambda name: polite(name).upper())


DEFECT = Defect(
    id="rude-greeting",
    breaks=("hub.greeting-polite",),
    family="test",
    title="Greets rudely",
    apply=rude,
    twin=loud,
)
"""
ELSEWHERE = """
from reference_impl.defects import Defect

DEFECT = Defect(
    id="nowhere",
    breaks=("a.b",),
    family="test",
    title="Names a policy that does not exist",
    apply=lambda policies, probe: policies.replace("no.such_policy", 1),
)
"""


@pytest.fixture
def files(tmp_path: Path) -> Iterator[ModuleType]:
    folder = tmp_path / "planted_defects"
    folder.mkdir()
    (folder / "__init__.py").write_text('"""Planted."""\n')
    (folder / "rude.py").write_text(RUDE)
    (folder / "elsewhere.py").write_text(ELSEWHERE)
    sys.path.insert(0, str(tmp_path))
    invalidate_caches()
    yield import_module("planted_defects")
    sys.path.remove(str(tmp_path))
    for name in [name for name in sys.modules if name.startswith("planted_defects")]:
        del sys.modules[name]


def _contract() -> dict[str, Any]:
    path = Path(__file__).parents[3] / "contracts" / "control.openapi.yaml"
    return yaml.safe_load(path.read_text())


def _conforms(document: object, schema: str) -> None:
    contract = _contract()
    Draft202012Validator(
        {"$ref": f"#/components/schemas/{schema}", "components": contract["components"]}
    ).validate(document)


def test_control_is_not_there_unless_it_is_on(start: Start) -> None:
    client = start(control=False).client

    assert client.get("/_control").status_code == 404
    assert client.post("/_control/clock", json={"advance_seconds": 1}).status_code == 404


def test_control_is_not_in_the_published_document(client: TestClient) -> None:
    assert not [path for path in client.get("/openapi.json").json()["paths"] if "_control" in path]


def test_the_description_conforms_to_the_contract(client: TestClient) -> None:
    document = client.get("/_control").json()

    _conforms(document, "Control")
    assert document["states"] == ["a thing"]


def test_every_operation_of_the_contract_exists(client: TestClient) -> None:
    for path, item in _contract()["paths"].items():
        allowed = client.options(path).headers["allow"]
        assert {method.upper() for method in item} <= set(allowed.split(", "))


def test_a_state_gives_the_values_it_made(client: TestClient, authorization: Callable[..., Any]) -> None:
    change = {"state": "a thing", "action": "setup", "params": {"amount": 7}, "consumer": "web", "more": 1}

    values = client.post("/_control/states", json=change).json()
    left = client.post("/_control/states", json={"state": "a thing", "action": "teardown"})

    thing = client.get(f"/api/hub/things/{values['thing_id']}", headers=authorization("reader"))
    assert thing.json()["amount"] == 7
    assert left.json() == {}


def test_an_unknown_state_is_a_problem_that_lists_the_known_ones(client: TestClient) -> None:
    response = client.post("/_control/states", json={"state": "a ghost", "action": "setup"})

    assert response.status_code == 404
    assert response.json()["known"] == ["a thing"]


def test_moving_the_clock_moves_it_for_every_process_of_the_store(start: Start) -> None:
    first, second = start(), start()

    moved = first.client.post("/_control/clock", json={"advance_seconds": 3600}).json()
    first.client.post("/_control/clock", json={"advance_seconds": 60})
    second.client.post("/_control/clock", json={"advance_seconds": 0})

    _conforms(moved, "Clock")
    assert moved["offset_seconds"] == 3600
    assert second.client.get("/_control").json()["clock"]["offset_seconds"] == 3660


def test_the_clock_never_goes_back(client: TestClient) -> None:
    assert client.post("/_control/clock", json={"advance_seconds": -1}).status_code == 422


def _with_defects(
    tmp_path: Path, small_services: Any, files: ModuleType, *names: str, control: bool = True
) -> Any:
    settings = Settings(data_dir=tmp_path, control=control, defects=names)
    return create_app(settings, services=small_services, defect_files=files)


def test_a_defect_takes_effect_and_counts_what_happened(
    tmp_path: Path, small_services: Any, files: ModuleType
) -> None:
    with TestClient(_with_defects(tmp_path, small_services, files, "rude-greeting")) as client:
        right = client.get("/api/hub/greeting").json()
        wrong = client.get("/api/hub/greeting?name=Ann").json()
        document = client.get("/_control/defects").json()

    assert (right["greeting"], wrong["greeting"]) == ("hello you", "go away Ann")
    assert document == {"defects": [{"id": "rude-greeting", "applied": True, "reached": 2, "triggered": 1}]}
    _conforms(document["defects"][0], "Defect")


def test_counters_are_summed_over_processes(tmp_path: Path, small_services: Any, files: ModuleType) -> None:
    apps = [_with_defects(tmp_path, small_services, files, "rude-greeting") for _ in range(2)]

    with TestClient(apps[0]) as first, TestClient(apps[1]) as second:
        first.get("/api/hub/greeting?name=Ann")
        second.get("/api/hub/greeting?name=Ann")
        first.get("/_control/defects")
        (state,) = second.get("/_control/defects").json()["defects"]

    assert state["triggered"] == 2


def test_the_clean_twin_is_other_but_not_wrong(
    tmp_path: Path, small_services: Any, files: ModuleType
) -> None:
    with TestClient(_with_defects(tmp_path, small_services, files, "rude-greeting:twin")) as client:
        greeting = client.get("/api/hub/greeting?name=Ann").json()["greeting"]
        (state,) = client.get("/_control/defects").json()["defects"]

    assert greeting == "HELLO ANN"
    assert state == {"id": "rude-greeting:twin", "applied": True, "reached": 0, "triggered": 0}


@pytest.mark.parametrize(
    ("names", "control", "said"),
    [
        (("rude-greeting",), False, "CORE_CONTROL is not on"),
        (("no-such-defect",), True, "which no file has"),
        (("nowhere",), True, "no service took"),
        (("nowhere:twin",), True, "no clean twin"),
    ],
)
def test_what_cannot_be_seeded_does_not_start(
    *,
    tmp_path: Path,
    small_services: Any,
    files: ModuleType,
    names: tuple[str, ...],
    control: bool,
    said: str,
) -> None:
    with pytest.raises(DefectError, match=said):
        _with_defects(tmp_path, small_services, files, *names, control=control)


def test_two_files_with_one_id_are_refused(tmp_path: Path, files: ModuleType) -> None:
    (tmp_path / "planted_defects" / "again.py").write_text(RUDE)

    with pytest.raises(DefectError, match="two defect files"):
        discover(files)


def test_a_file_without_a_defect_is_refused(tmp_path: Path, files: ModuleType) -> None:
    (tmp_path / "planted_defects" / "empty.py").write_text("DEFECT = 1\n")

    with pytest.raises(DefectError, match="exports no DEFECT"):
        discover(files)
