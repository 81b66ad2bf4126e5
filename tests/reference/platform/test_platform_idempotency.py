"""Idempotency-Key as a client meets it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from starlette.testclient import TestClient

from reference_impl.gateway.store import IdempotencyStore
from reference_impl.kit.database import Database, metadata

Bearer = Callable[[str], dict[str, str]]
THING = {"name": "lamp", "amount": 3}


def _create(client: TestClient, headers: dict[str, str], key: str, body: object = THING) -> httpx.Response:
    return client.post("/api/hub/things", json=body, headers={**headers, "Idempotency-Key": key})


def test_the_same_request_again_gets_the_same_answer_and_acts_once(
    client: TestClient, authorization: Bearer
) -> None:
    first = _create(client, authorization("writer.replay"), "k1")
    again = _create(client, authorization("writer.replay"), "k1")

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers


def test_the_same_key_with_another_body_is_refused(client: TestClient, authorization: Bearer) -> None:
    _create(client, authorization("writer.other"), "k1")

    refused = _create(client, authorization("writer.other"), "k1", {"name": "lamp", "amount": 4})

    assert refused.status_code == 422
    assert refused.json()["type"].endswith("/problems/idempotency-key-reused")


def test_keys_of_different_identities_do_not_meet(client: TestClient, authorization: Bearer) -> None:
    mine = _create(client, authorization("writer.a"), "shared-key")
    theirs = _create(client, authorization("writer.b"), "shared-key")

    assert mine.json()["id"] != theirs.json()["id"]


def test_a_refused_request_leaves_its_key_free(client: TestClient, authorization: Bearer) -> None:
    bad = _create(client, authorization("writer.free"), "k1", {"name": "", "amount": 1})
    good = _create(client, authorization("writer.free"), "k1")

    assert (bad.status_code, good.status_code) == (422, 201)


def test_without_identity_nothing_is_kept_under_a_key(client: TestClient, authorization: Bearer) -> None:
    refused = _create(client, {}, "k-anonymous")
    allowed = _create(client, authorization("writer.c"), "k-anonymous")

    assert (refused.status_code, allowed.status_code) == (401, 201)


def test_an_unusable_key_is_a_bad_request(client: TestClient, authorization: Bearer) -> None:
    assert _create(client, authorization("writer.d"), "x" * 300).status_code == 400


def test_of_requests_in_flight_only_one_runs(client: TestClient, authorization: Bearer) -> None:
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(_create, client, authorization("writer.race"), "race") for _ in range(20)]
    answers = [each.result() for each in asked]

    assert len({each.json()["id"] for each in answers if each.status_code == 201}) == 1
    assert {each.status_code for each in answers} <= {201, 409}


async def test_an_abandoned_claim_is_taken_over(tmp_path: Any) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'keys.sqlite3'}")
    async with database.begin() as connection:
        await connection.run_sync(metadata.create_all)
    store = IdempotencyStore(database)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    later = start + timedelta(minutes=2)

    first = await store.claim("o", "k", "f", "c1", start, stale_before=start - timedelta(minutes=1))
    busy = await store.claim("o", "k", "f", "c2", start, stale_before=start - timedelta(minutes=1))
    taken = await store.claim("o", "k", "f", "c3", later, stale_before=later - timedelta(minutes=1))
    await database.close()

    assert first is None
    assert busy is not None
    assert busy.status is None
    assert taken is None
