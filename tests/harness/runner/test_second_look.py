"""What one exchange alone showed is asked for once more, by somebody whose credential still works."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from harness.core.layer import Layer
from harness.core.operation import Operations
from harness.core.target import CredentialKind, Identity, Login, Target
from harness.evidence.store import RunFolder
from harness.judges.examples import exchange
from harness.runner.second_look import look_again
from harness.target.instance import Session
from harness.target.vigil import Vigil
from tests.acceptance.servers import serving
from tests.harness.layers.assigning import LAUNCHED, instance_of

ITEMS = {
    "openapi": "3.1.0",
    "info": {"title": "Items", "version": "1"},
    "paths": {"/items": {"get": {"responses": {"200": {"description": "All."}}}}},
}


def test_whoever_asks_again_is_signed_in_again_first(tmp_path: Path) -> None:
    happened: list[str] = []

    def answer(method: str, path: str) -> tuple[int, str, bytes]:
        happened.append(f"{method} {path}")
        return 405, "text/plain", b""

    folder = RunFolder.create(tmp_path / "run")
    folder.append_exchange(exchange(405, method="PUT", target="/items", headers={"Allow": "GET, DELETE"}))
    with serving(answer) as (url, _):
        target = Target(name="items", base_url=url, processes=LAUNCHED)
        instance = instance_of(target, url, ITEMS)

        look_again(
            replace(instance, revive=lambda: happened.append("signed in again")), Layer.SCENARIOS, folder
        )

    assert happened == ["signed in again", "PUT /items"]


@pytest.mark.parametrize(("status", "renewed"), [(401, ["alice"]), (200, [])])
def test_only_a_credential_that_is_dead_is_renewed(status: int, renewed: list[str]) -> None:
    given: list[str] = []
    alive = Session(name="alice", role="user", headers={"Authorization": "Bearer a"}, subject="1")
    login = Login(path="/login", body={}, whoami="/me")
    identity = Identity(name="alice", kind=CredentialKind.PASSWORD, secret="of alice", login=login)

    with serving(lambda _method, _path: (status, "text/plain", b"")) as (url, _):
        recording: Any = SimpleNamespace(
            url=url, counters=lambda: {"refusals": {}}, renew=lambda name, _old, _new: given.append(name)
        )
        vigil = Vigil(recording, {"alice": alive}, [identity], Operations(()), lambda _identity: alive)
        vigil.start()

        vigil.revive()

        vigil.stop()

    assert given == renewed
