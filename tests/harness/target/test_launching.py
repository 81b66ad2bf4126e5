"""A launch starts everything, hands out what is needed, notices deaths, and leaves nothing behind."""

import base64
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from harness.core.errors import TargetFileProblem, TargetUnreachable, UsageProblem
from harness.core.layer import Layer
from harness.core.redaction import Redactor
from harness.core.target import Target
from harness.evidence.store import RunFolder
from harness.target.file import load_target
from harness.target.instance import Instance
from harness.target.launch_client import LaunchClient
from harness.target.launcher import Launcher

Toy = Callable[..., Target]


def launcher_of(target: Target, folder: RunFolder, *secrets: str) -> Launcher:
    return Launcher(target, folder=folder, redactor=Redactor(secrets, b"the run's key"))


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder.create(tmp_path / "run")


def client_of(instance: Instance) -> LaunchClient:
    return LaunchClient(instance.control_address, instance.control_token)


def ask(url: str, path: str, **options: object) -> httpx.Response:
    return httpx.get(f"{url}{path}", trust_env=False, timeout=10, **options)  # type: ignore[arg-type]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes() != b""  # empty for a zombie
    except OSError:
        return False


def until(condition: Callable[[], bool], seconds: float = 15.0) -> bool:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if condition():
            return True
        time.sleep(0.02)
    return False


def test_a_process_without_a_ready_path_is_ready_when_it_listens(toy: Toy, folder: RunFolder) -> None:
    launcher = launcher_of(toy(**{'ready = "/health"\n': ""}), folder)

    with launcher.launch(Layer.SCENARIOS) as instance:
        assert {item.subject for item in instance.operations} == {"POST /echo", "GET /me"}


def test_a_launch_hands_out_all_that_a_layer_needs_and_ends_it(toy: Toy, folder: RunFolder) -> None:
    launcher = launcher_of(toy(), folder)

    with launcher.launch(Layer.SCENARIOS) as instance:
        assert instance.base_url != instance.direct_url
        assert ask(instance.base_url, "/upstream").json() == {"results": ["one"]}
        assert ask(instance.base_url, "/redis").json() == {"said": "+PONG\r\n"}
        assert {item.subject for item in instance.operations} == {"POST /echo", "GET /me"}
        assert instance.openapi_path is not None
        assert json.loads(instance.openapi_path.read_text())["info"]["title"] == "toy"
        assert not instance.has_control
        assert set(instance.sessions) == {"alice", "root", "robot"}
        assert instance.problems == ()
        assert instance.processes is not None
        assert instance.processes.is_running("worker")
        assert ask(instance.stubs["brave"], "/").status_code == 200
        public = instance.base_url
        pids = [client_of(instance).process(name)["pid"] for name in ("server", "worker")]

    assert not any(alive(pid) for pid in pids)
    assert f"public url {public}" in (folder.logs / "scenarios-server.log").read_text()
    with pytest.raises(httpx.ConnectError):
        ask(public, "/health")


def test_identities_get_their_roles_from_whoever_grants_them(toy: Toy, folder: RunFolder) -> None:
    with launcher_of(toy(), folder).launch(Layer.SCENARIOS) as instance:
        alice = instance.sessions["alice"]
        assert alice.subject == "alice"
        assert ask(instance.base_url, "/me", headers=dict(alice.headers)).json()["role"] == "operator"
        assert instance.sessions["robot"].headers == {"X-API-Key": "robot-key-4711"}
    recorded = [(item.identity, item.request.path) for item in folder.read_exchanges()]
    assert recorded == [("alice", "/me")]  # signing in went past the recorder


def test_what_sets_up_has_run_to_its_end_before_the_processes_start(toy: Toy, folder: RunFolder) -> None:
    step = """[launch.setup.migrate]
command = ["{python}", "-c", "import socket; print(socket.socket().connect_ex(('127.0.0.1', {port})) != 0)"]
[launch.processes.server]"""

    launcher = launcher_of(toy(**{"[launch.processes.server]": step}), folder)
    with launcher.launch(Layer.CHAOS) as instance, client_of(instance) as client:
        assert client.processes() == ("server", "worker")
        assert (folder.logs / "chaos-migrate.log").read_text() == "True\n"


def test_a_launch_ends_when_what_sets_it_up_fails(toy: Toy, folder: RunFolder) -> None:
    step = """[launch.setup.migrate]
command = ["{python}", "-c", "raise SystemExit('no such table')"]
[launch.processes.server]"""

    with (
        pytest.raises(TargetUnreachable, match="setup migrate ended with exit code 1") as caught,
        launcher_of(toy(**{"[launch.processes.server]": step}), folder).launch(Layer.CHAOS),
    ):
        pass
    assert "no such table" in caught.value.remedy
    assert not (folder.logs / "chaos-server.log").exists()


def test_an_identity_that_cannot_sign_in_is_a_problem_and_no_session(toy: Toy, folder: RunFolder) -> None:
    target = toy(**{'path = "/login"': 'path = "/nowhere"'})

    with launcher_of(target, folder).launch(Layer.SCENARIOS) as instance:
        assert set(instance.sessions) == {"robot"}
        assert "alice cannot sign in: POST /nowhere answered 200" in " ".join(instance.problems)


def test_each_launch_is_fresh_and_goes_on_counting_exchanges(toy: Toy, folder: RunFolder) -> None:
    launcher = launcher_of(toy(), folder)
    seen = []
    for _ in range(2):
        with launcher.launch(Layer.FUZZ) as instance:
            ask(instance.base_url, "/health")
            seen.append(instance.direct_url)

    assert seen[0] != seen[1]
    assert [item.id for item in folder.read_exchanges()] == ["fuzz-1", "fuzz-2"]


def test_load_goes_past_the_recorder(toy: Toy, folder: RunFolder) -> None:
    with launcher_of(toy(), folder).launch(Layer.LOAD) as instance:
        assert instance.base_url == instance.direct_url
        ask(instance.base_url, "/health")

    assert folder.count_exchanges(Layer.LOAD) == 0


def test_toxics_are_felt_through_the_control_api_and_mark_what_is_recorded(
    toy: Toy, folder: RunFolder
) -> None:
    with launcher_of(toy(), folder).launch(Layer.CHAOS) as instance, client_of(instance) as client:
        assert set(client.links()) == {"brave", "redis"}
        assert set(instance.proxies) == {"brave", "redis"}
        assert client.stubs() == instance.stubs
        ask(instance.base_url, "/upstream")
        client.add_toxic("brave", "down")
        client.add_toxic("redis", "timeout")
        assert ask(instance.base_url, "/upstream").status_code == 503
        assert ask(instance.base_url, "/redis").status_code == 503
        assert client.link("brave")["fired"] >= 1
        assert client.link("redis")["fired"] >= 1
        client.heal("brave")
        client.heal("redis")
        assert ask(instance.base_url, "/upstream").status_code == 200
        assert ask(client.link("brave")["url"], "/").status_code == 200
        client.set_fault_active(active=True)
        ask(instance.base_url, "/health")
        client.set_fault_active(active=False)
        with pytest.raises(UsageProblem, match="Did you mean 'latency'"):
            client.add_toxic("brave", "latancy")
        with pytest.raises(UsageProblem, match="no link 'brace'"):
            client.heal("brace")
        with pytest.raises(UsageProblem, match="no process"):
            client.signal("serve", "kill")

    marks = [(item.request.path, item.fault_active) for item in folder.read_exchanges()]
    assert marks == [
        ("/upstream", False),
        ("/upstream", True),
        ("/redis", True),
        ("/upstream", False),
        ("/health", True),
    ]


def test_the_control_api_lets_nobody_in_without_its_token(toy: Toy, folder: RunFolder) -> None:
    with launcher_of(toy(), folder).launch(Layer.CHAOS) as instance:
        assert httpx.get(f"{instance.control_address}/links", trust_env=False).status_code == 401
        with pytest.raises(UsageProblem, match="bearer token"):
            LaunchClient(instance.control_address, "wrong").links()


def test_a_process_is_started_only_in_the_layers_that_it_is_for(toy: Toy, folder: RunFolder) -> None:
    worker = "[launch.processes.worker]"
    launcher = launcher_of(toy(**{worker: f'{worker}\nlayers = ["chaos"]'}), folder)

    found = {}
    for layer in (Layer.CHAOS, Layer.FUZZ):
        with launcher.launch(layer) as instance, client_of(instance) as client:
            found[layer] = client.processes()

    assert found == {Layer.CHAOS: ("server", "worker"), Layer.FUZZ: ("server",)}


def test_processes_are_killed_paused_and_restarted_by_name(toy: Toy, folder: RunFolder) -> None:
    with launcher_of(toy(), folder).launch(Layer.CHAOS) as instance, client_of(instance) as client:
        assert client.processes() == ("server", "worker")
        client.signal("worker", "kill")
        assert not client.process("worker")["running"]
        client.signal("worker", "restart")
        assert client.process("worker")["running"]
        client.signal("server", "pause")
        assert client.process("server")["paused"]
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(f"{instance.base_url}/health", trust_env=False, timeout=0.3)
        client.signal("server", "resume")
        assert ask(instance.base_url, "/health").status_code == 200
        client.signal("server", "kill")
        with pytest.raises(httpx.HTTPError):
            ask(instance.base_url, "/health")
        client.signal("server", "restart")
        assert ask(instance.base_url, "/health").status_code == 200

    by_fault = [(item.gap, item.fault_active) for item in folder.read_exchanges()]
    assert by_fault[-1] == ("", False)
    assert all(is_marked for gap, is_marked in by_fault if gap)


def test_a_target_that_dies_at_start_is_unreachable_with_the_end_of_its_log(
    toy: Toy, folder: RunFolder
) -> None:
    target = toy(**{'"serve", "{port}"': '"break"'})

    with (
        pytest.raises(TargetUnreachable, match=r"exit code 7[\s\S]*no database at all"),
        launcher_of(target, folder).launch(Layer.FUZZ),
    ):
        pytest.fail("it must not come up")


def test_a_target_that_dies_in_mid_run_is_noticed(toy: Toy, folder: RunFolder) -> None:
    def ask_for_death() -> None:
        with launcher_of(toy(), folder).launch(Layer.FUZZ) as instance:
            with pytest.raises(httpx.HTTPError):
                ask(instance.base_url, "/die")
            processes = instance.processes
            assert processes is not None
            assert until(lambda: not processes.is_running("server"))

    with pytest.raises(TargetUnreachable, match=r"during fuzz, exit code 3[\s\S]*dies of a question"):
        ask_for_death()

    assert [item.gap for item in folder.read_exchanges()] == ["connection-closed"]


def test_a_placeholder_nobody_knows_is_named(toy: Toy, folder: RunFolder) -> None:
    target = toy(**{"{dependencies.redis.url}": "{dependencies.radis.url}"})

    with (
        pytest.raises(TargetFileProblem, match=r"server\.env\.REDIS_URL.*dependencies\.radis\.url"),
        launcher_of(target, folder).launch(Layer.FUZZ),
    ):
        pytest.fail("it must not come up")


def test_resources_of_each_process_are_sampled(toy: Toy, folder: RunFolder) -> None:
    with launcher_of(toy(), folder).launch(Layer.FUZZ) as instance:
        ask(instance.base_url, "/health")

    samples = [json.loads(line) for line in folder.resources.read_text().splitlines()]
    assert {sample["process"] for sample in samples} == {"server", "worker"}
    assert all(sample["rss_bytes"] > 0 and sample["threads"] >= 1 for sample in samples)


def test_an_attached_target_is_recorded_and_nothing_of_it_is_started_or_controlled(
    toy: Toy, folder: RunFolder, tmp_path: Path
) -> None:
    with launcher_of(toy(), folder).launch(Layer.FUZZ, record=False) as launched:
        other = RunFolder.create(tmp_path / "attached")
        target = load_target(launched.direct_url, {})
        with launcher_of(target, other).launch(Layer.FUZZ) as instance:
            assert ask(instance.base_url, "/health").status_code == 200
            assert instance.processes is None
            assert instance.control_address == ""
            assert instance.target.openapi == "/openapi.json"
            assert len(instance.operations) == 2

    assert [item.request.path for item in other.read_exchanges()] == ["/health"]


def test_an_attached_target_that_is_not_there_is_unreachable(folder: RunFolder) -> None:
    with (
        pytest.raises(TargetUnreachable, match="Is it up"),
        launcher_of(load_target("http://127.0.0.1:9", {}), folder).launch(Layer.FUZZ),
    ):
        pytest.fail("it must not come up")


def test_a_canary_secret_is_nowhere_in_the_run_folder(toy: Toy, folder: RunFolder) -> None:
    canary = "c4nary/Secret+of the run=1"
    encoded = quote(canary, safe="")
    secret = base64.b64encode(f"alice:{canary}".encode()).decode()
    with launcher_of(toy(), folder, canary).launch(Layer.SCENARIOS) as instance:
        with httpx.Client(base_url=instance.base_url, trust_env=False) as client:
            client.get("/log", headers={"Authorization": f"Bearer {canary}"})
            client.get("/log", headers={"Authorization": f"Basic {secret}", "X-Custom": canary})
            client.get("/log", headers={"Cookie": f"session={encoded}"})
            client.get(f"/log?token={encoded}&q={encoded}&plain={quote(canary)}")
            client.post(
                "/echo", json={"password": canary, "note": f"it is {canary}", "deep": [{"x": canary}]}
            )
            client.post("/graphql", json={"query": "mutation($p: String!) {x}", "variables": {"p": canary}})
            client.post("/form", data={"password": canary, "other": canary})
            client.post("/echo", content=secret)
        tokens = [value for session in instance.sessions.values() for value in session.headers.values()]
        control = instance.control_token

    assert folder.count_exchanges(Layer.SCENARIOS) == 8
    inner = [base64.b64encode((b"\0" * lead) + canary.encode()).decode()[4:-4] for lead in range(3)]
    hunted = [canary, encoded, quote(canary), json.dumps(canary)[1:-1], secret, *inner, control]
    hunted += [token.removeprefix("Bearer ") for token in tokens]
    hunted += [quote(token.removeprefix("Bearer "), safe="") for token in tokens]
    files = [path for path in folder.path.rglob("*") if path.is_file()]
    assert len(files) > 4
    assert "{{secret:" in (folder.logs / "scenarios-server.log").read_text()
    for path in files:
        content = path.read_text(errors="replace")
        for text in hunted:
            assert text not in content, f"{text!r} is in {path.name}"


def test_nothing_is_left_alive_when_the_harness_is_killed(toy: Toy, tmp_path: Path) -> None:
    toy()
    harness = f"""
        import time
        from pathlib import Path
        from harness.core.layer import Layer
        from harness.core.redaction import Redactor
        from harness.evidence.store import RunFolder
        from harness.target.file import load_target
        from harness.target.launcher import Launcher
        target = load_target({str(tmp_path / "toy.toml")!r}, {{}})
        folder = RunFolder.create(Path({str(tmp_path / "killed")!r}))
        with Launcher(target, folder=folder, redactor=Redactor((), b"k")).launch(Layer.CHAOS) as instance:
            import psutil
            pids = [p.pid for p in psutil.Process().children(recursive=True)]
            print(instance.openapi_path, *pids, flush=True)
            time.sleep(60)
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(harness)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    document, *words = process.stdout.readline().split()
    pids = [int(word) for word in words]
    assert Path(document).exists()
    assert len(pids) >= 7  # server, worker, valkey, stub, faults, recorder, guardian
    assert all(alive(pid) for pid in pids)

    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()

    assert until(lambda: not any(alive(pid) for pid in pids))
    assert until(lambda: not Path(document).parent.exists())
