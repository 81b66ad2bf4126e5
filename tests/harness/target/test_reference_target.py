"""The shipped target file launches the reference for real, with all that stands behind it."""

from pathlib import Path

import httpx
import pytest

from harness.core.layer import Layer
from harness.core.redaction import Redactor
from harness.evidence.store import RunFolder
from harness.target.file import load_target
from harness.target.launch_client import LaunchClient
from harness.target.launcher import Launcher


def test_the_reference_is_launched_with_users_links_and_a_worker(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path / "run")
    launcher = Launcher(load_target("reference", {}), folder=folder, redactor=Redactor((), b"key"))

    with launcher.launch(Layer.CHAOS) as instance:
        assert instance.problems == ()
        assert instance.has_control
        assert {item.name: item.role for item in instance.sessions.values()} == {
            "alice": "user",
            "bob": "user",
            "reader": "reader",
            "operator": "operator",
            "admin": "admin",
        }
        subjects = {operation.subject for operation in instance.operations}
        assert set(instance.target.never) <= subjects
        with (
            LaunchClient(instance.control_address, instance.control_token) as launch,
            httpx.Client(base_url=instance.base_url, trust_env=False, timeout=20) as client,
        ):
            assert set(launch.links()) == {"redis", "brave", "webhook"}
            assert launch.link("redis")["bytes_upstream"] > 0
            alice = dict(instance.sessions["alice"].headers)
            assert client.get("/auth/me", headers=alice).json()["roles"] == ["user"]
            assert client.get("/api/search/web?q=x", headers=alice).status_code == 200
            assert launch.link("brave")["connections"] >= 1
            launch.add_toxic("redis", "down")
            answer = client.get("/auth/me", headers=alice)
            assert answer.status_code in {200, 503}
            assert launch.link("redis")["fired"] >= 1
            launch.heal("redis")
            assert launch.process("worker")["running"]

    marked = [item.fault_active for item in folder.read_exchanges()]
    assert marked == [False, False, True]


@pytest.mark.usefixtures("postgres_programs")
def test_the_reference_is_launched_on_a_postgres_that_it_migrated(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path / "run")
    launcher = Launcher(load_target("reference-postgres", {}), folder=folder, redactor=Redactor((), b"key"))

    with launcher.launch(Layer.CHAOS) as instance:
        assert instance.problems == ()
        alice = dict(instance.sessions["alice"].headers)
        with (
            LaunchClient(instance.control_address, instance.control_token) as launch,
            httpx.Client(base_url=instance.base_url, trust_env=False, timeout=20) as client,
        ):
            assert launch.link("db")["bytes_upstream"] > 0
            assert client.get("/auth/me", headers=alice).json()["roles"] == ["user"]
            launch.add_toxic("db", "down")
            answer = client.get("/api/hub/messages", headers=alice)
            assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
            assert launch.link("db")["fired"] >= 1
            launch.heal("db")
            assert client.get("/api/hub/messages", headers=alice).status_code == 200
