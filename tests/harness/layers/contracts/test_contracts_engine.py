"""The real Pact verifier on a tiny provider, right and wrong."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from harness.core.layer import Layer
from harness.core.outcome import Outcome
from harness.core.requirement import Profile
from harness.core.target import Target
from harness.layers.contracts.engine import ENGINE
from harness.plan.engine import Completion, LayerReport
from harness.target.instance import Session
from tests.harness.layers.assigning import Emitted, assign, instance_of
from tests.targets.hanging import HangingServer
from tests.targets.orders_provider import OrdersServer, document

ORDER = "shop: reads its order (a signed-in user and an order)"
STATUS = "shop: asks how it is"
BOB = Session(name="bob", role="user", headers={"Authorization": "Bearer bob"})


def _http(path: str, body: Mapping[str, Any], **members: Any) -> dict[str, Any]:
    return {
        "type": "Synchronous/HTTP",
        "request": {"method": "GET", "path": path, **members.pop("request", {})},
        "response": {
            "status": 200,
            "body": {"content": body, "contentType": "application/json", "encoded": False},
            "matchingRules": {
                "body": {f"$.{name}": {"combine": "AND", "matchers": [{"match": "type"}]} for name in body}
            },
        },
        **members,
    }


INTERACTIONS = [
    _http("/status", {"alive": True}, description="asks how it is"),
    _http(
        "/orders/order-0",
        {"id": "order-0", "total": 7, "lines": ["tea"]},
        description="reads its order",
        providerStates=[{"name": "a signed-in user"}, {"name": "an order"}],
        request={
            "headers": {"Authorization": ["Bearer x"]},
            "generators": {
                "header": {"Authorization": {"type": "ProviderState", "expression": "Bearer ${token}"}},
                "path": {"type": "ProviderState", "expression": "/orders/${order_id}"},
            },
        },
    ),
]


def _write(folder: Path, interactions: object, *, consumer: str = "shop", provider: str = "orders") -> None:
    folder.mkdir(exist_ok=True)
    pact = {
        "consumer": {"name": consumer},
        "provider": {"name": provider},
        "interactions": interactions,
        "metadata": {"pactSpecification": {"version": "4.0"}},
    }
    (folder / f"{consumer}-{provider}.json").write_text(json.dumps(pact), encoding="utf-8")


def _verify(
    folder: Path,
    url: str,
    *,
    interactions: object = INTERACTIONS,
    has_control: bool = True,
    seconds: float = 60.0,
    stubs: Mapping[str, str] | None = None,
) -> tuple[LayerReport, Emitted]:
    _write(folder / "pacts", interactions)
    target = Target(name="orders", base_url=url, profile=Profile.CORE, pacts=str(folder / "pacts"))
    instance = instance_of(target, url, document(), sessions=[BOB], has_control=has_control, stubs=stubs)
    planned = [
        (name, subject) for name, subjects in ENGINE.planned_subjects(target).items() for subject in subjects
    ]
    planned += [(name, subject) for name in ENGINE.produces("core") for subject in ("target", "GET /status")]
    planned += [("hub.message-contract-kept", name) for name in ("message.accepted", "message.dead-lettered")]
    emitted = Emitted()
    report = ENGINE.run(assign(Layer.CONTRACTS, instance, emitted, folder, planned=planned, seconds=seconds))
    return report, emitted


def test_a_provider_that_keeps_its_contracts_passes_all_of_them(tmp_path: Path) -> None:
    with OrdersServer() as server:
        report, emitted = _verify(tmp_path, server.url)

    assert (report.completion, report.counts) == (Completion.COMPLETED, {"interactions": 2, "answered": 2})
    assert emitted.failed() == set()
    verified = emitted.of("testing.interactions-verified")
    assert {name: item.outcome for name, item in verified.items()} == {
        ORDER: Outcome.PASS,
        STATUS: Outcome.PASS,
    }
    assert emitted.of("testing.contracts-fresh")[ORDER].outcome is Outcome.PASS
    assert emitted.of("testing.provider-states-repeatable")["target"].outcome is Outcome.PASS
    assert emitted.of("testing.broken-contract-caught")["target"].outcome is Outcome.PASS
    assert emitted.of("testing.operations-under-contract")["GET /status"].outcome is Outcome.PASS


def test_a_member_that_the_provider_no_longer_gives_fails_the_interaction_that_uses_it(
    tmp_path: Path,
) -> None:
    with OrdersServer(frozenset({"no-total"})) as server:
        _, emitted = _verify(tmp_path, server.url)

    assert emitted.failed() == {("testing.interactions-verified", ORDER)}
    failed = emitted.of("testing.interactions-verified")[ORDER]
    assert "total" in failed.seen
    assert failed.reproduction.startswith("curl ")


def test_a_member_that_was_missing_once_is_inconclusive_and_not_a_fail(tmp_path: Path) -> None:
    with OrdersServer(frozenset({"no-total-once"})) as server:
        _, emitted = _verify(tmp_path, server.url)

    verified = emitted.of("testing.interactions-verified")[ORDER]
    assert (verified.outcome, verified.reason) == (Outcome.INCONCLUSIVE, "not-reproduced")
    assert "Again: pass" in verified.seen


def test_a_state_that_works_only_once_is_not_repeatable(tmp_path: Path) -> None:
    with OrdersServer(frozenset({"order-dependent"})) as server:
        _, emitted = _verify(tmp_path, server.url)

    assert emitted.failed() == {("testing.provider-states-repeatable", "target")}


def test_a_state_that_is_refused_is_inconclusive_and_says_why(tmp_path: Path) -> None:
    with OrdersServer(frozenset({"no-state"})) as server:
        _, emitted = _verify(tmp_path, server.url)

    order = emitted.of("testing.interactions-verified")[ORDER]
    assert (order.outcome, order.reason) == (Outcome.INCONCLUSIVE, "provider-state-failed")
    assert "no such state" in order.seen


def test_without_control_what_needs_a_state_is_inconclusive_and_the_rest_is_verified(tmp_path: Path) -> None:
    with OrdersServer() as server:
        _, emitted = _verify(tmp_path, server.url, has_control=False)

    verified = emitted.of("testing.interactions-verified")
    assert (verified[ORDER].outcome, verified[ORDER].reason) == (Outcome.INCONCLUSIVE, "no-control")
    assert verified[STATUS].outcome is Outcome.PASS


def test_a_contract_that_the_document_left_behind_is_stale(tmp_path: Path) -> None:
    stale = _http("/status", {"alive": True}, description="asks how it is")
    stale["response"]["status"] = 204
    with OrdersServer() as server:
        _, emitted = _verify(tmp_path, server.url, interactions=[stale])

    assert ("testing.contracts-fresh", STATUS) in emitted.failed()


def test_contracts_without_any_interaction_verify_nothing(tmp_path: Path) -> None:
    with OrdersServer() as server:
        report, emitted = _verify(tmp_path, server.url, interactions=[])

    assert report.completion is Completion.NOTHING_RAN
    assert emitted.findings == []


def test_a_provider_that_never_answers_times_the_layer_out(tmp_path: Path) -> None:
    with HangingServer() as server:
        report, emitted = _verify(tmp_path, server.url, has_control=False, seconds=12.0)

    assert report.completion is Completion.TIMED_OUT
    assert emitted.of("testing.interactions-verified")[STATUS].outcome is Outcome.INCONCLUSIVE


def test_a_provider_that_is_not_there_is_no_failed_contract(tmp_path: Path) -> None:
    report, emitted = _verify(tmp_path, "http://127.0.0.1:9", has_control=False)

    assert report.completion is Completion.NOTHING_RAN
    status = emitted.of("testing.interactions-verified")[STATUS]
    assert (status.outcome, status.reason) == (Outcome.INCONCLUSIVE, "no-answer")


def test_a_verifier_that_leaves_no_result_is_a_crash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    with OrdersServer() as server:
        report, emitted = _verify(tmp_path, server.url)

    assert report.completion is Completion.CRASHED
    assert all(
        item.outcome is Outcome.INCONCLUSIVE for item in emitted.of("testing.interactions-verified").values()
    )


def test_the_portable_profile_has_no_contracts() -> None:
    assert ENGINE.produces("portable") == frozenset()


def test_the_verifiers_exchanges_are_found_by_their_order(tmp_path: Path) -> None:
    with OrdersServer() as server:
        server.exchanges = tmp_path / "exchanges.ndjson"
        _, emitted = _verify(tmp_path, server.url)

    recorded = {
        item["id"]: item["request"]["target"]
        for item in map(json.loads, server.exchanges.read_text(encoding="utf-8").splitlines())
    }
    (exchange,) = emitted.of("testing.interactions-verified")[STATUS].exchanges
    assert recorded[exchange] == "/status"


def test_the_canary_tells_the_good_provider_from_the_bad_one(tmp_path: Path) -> None:
    verdict = ENGINE.canary(tmp_path)

    assert verdict.told_apart, verdict.detail
