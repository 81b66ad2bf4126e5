"""The audit log: one chain without gaps, without secrets, that betrays whoever touches it."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from reference_impl.auth import audit
from reference_impl.auth.audit import GENESIS, link, verify
from reference_impl.auth.models import Action, AuditEntry, AuditEvent, Caller, ChainHead, ChainVerdict, Result
from reference_impl.auth.tables import audit_events

_START = datetime(2026, 1, 1, tzinfo=UTC)
_TEXT = st.text(max_size=20)
_ENTRIES = st.lists(
    st.builds(
        AuditEntry,
        action=st.sampled_from(Action),
        result=st.sampled_from(Result),
        actor=_TEXT,
        subject=_TEXT,
        caller=st.builds(Caller, address=_TEXT, request_id=_TEXT),
        details=st.dictionaries(_TEXT, _TEXT, max_size=3),
    ),
    min_size=2,
    max_size=8,
)


def chained(entries: list[AuditEntry]) -> list[AuditEvent]:
    head, events = GENESIS, []
    for number, entry in enumerate(entries):
        events.append(link(head, entry, _START + timedelta(seconds=number)))
        head = ChainHead(sequence=events[-1].sequence, hash=events[-1].hash)
    return events


def verdict(events: list[AuditEvent], head: ChainHead) -> ChainVerdict:
    async def every() -> Any:
        for event in events:
            yield event

    return asyncio.run(verify(every(), head))


def head_of(events: list[AuditEvent]) -> ChainHead:
    return ChainHead(sequence=events[-1].sequence, hash=events[-1].hash)


@given(_ENTRIES)
def test_untouched_chain_holds(entries: list[AuditEntry]) -> None:
    events = chained(entries)

    assert verdict(events, head_of(events)) == ChainVerdict(checked=len(events))


@given(_ENTRIES, st.data())
def test_changed_event_is_named(entries: list[AuditEntry], data: st.DataObject) -> None:
    events = chained(entries)
    place = data.draw(st.integers(0, len(events) - 1))
    changed = replace(events[place], actor=events[place].actor + "x")

    found = verdict([*events[:place], changed, *events[place + 1 :]], head_of(events))

    assert found.first_bad == place + 1


@given(_ENTRIES, st.data())
def test_changed_event_with_its_hash_made_to_fit_is_found_at_the_next_one(
    entries: list[AuditEntry], data: st.DataObject
) -> None:
    events = chained(entries)
    place = data.draw(st.integers(0, len(events) - 1))
    changed = replace(events[place], actor=events[place].actor + "x", hash="")
    changed = replace(changed, hash=audit.digest(changed))

    found = verdict([*events[:place], changed, *events[place + 1 :]], head_of(events))

    assert found.first_bad == min(place + 2, len(events))


@given(_ENTRIES, st.data())
def test_removed_event_is_named_wherever_it_stood(entries: list[AuditEntry], data: st.DataObject) -> None:
    events = chained(entries)
    place = data.draw(st.integers(0, len(events) - 1))

    found = verdict([*events[:place], *events[place + 1 :]], head_of(events))

    assert found.first_bad == place + 1


def auditor(running: Any) -> str:
    return str(running.state("a signed-in user", role="admin")["token"])


def verification(running: Any, token: str) -> dict[str, Any]:
    return dict(running.get("/auth/audit/verification", token).json())


def test_chain_of_parallel_writers_has_no_gap_and_verifies(running: Any) -> None:
    token = auditor(running)

    with ThreadPoolExecutor(max_workers=10) as threads:
        list(threads.map(lambda n: running.login(f"nobody{n}@example.org"), range(30)))

    found = verification(running, token)
    newest = running.get("/auth/audit?limit=100", token).json()["items"]
    assert found["holds"] is True
    assert [event["sequence"] for event in newest] == list(
        range(newest[0]["sequence"], newest[0]["sequence"] - len(newest), -1)
    )
    assert found["checked"] >= 30


def test_chain_stays_whole_when_two_processes_write(start: Any) -> None:
    first, second = start(), start()
    token = auditor(first)

    with ThreadPoolExecutor(max_workers=8) as threads:
        list(threads.map(lambda n: (first, second)[n % 2].login(f"nobody{n}@example.org"), range(16)))

    assert verification(second, token)["holds"] is True


def execute(running: Any, *statements: str) -> None:
    async def run() -> None:
        async with running.app.kit.database.begin() as connection:
            for statement in statements:
                await connection.execute(sa.text(statement))

    running.client.portal.call(run)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE auth_audit_events SET actor = 'nobody' WHERE sequence = 1",
        "DELETE FROM auth_audit_events WHERE sequence = 1",
        "UPDATE auth_audit_head SET sequence = 0",
    ],
)
def test_database_itself_refuses_to_change_the_audit_log(running: Any, statement: str) -> None:
    auditor(running)

    with pytest.raises(sa.exc.DBAPIError):
        execute(running, statement)


@pytest.mark.parametrize(
    ("statement", "place"),
    [
        ("UPDATE auth_audit_events SET actor = 'nobody' WHERE sequence = 2", 2),
        ("DELETE FROM auth_audit_events WHERE sequence = 2", 2),
        ("DELETE FROM auth_audit_events WHERE sequence > 2", 3),
    ],
)
def test_verification_names_what_somebody_with_the_whole_database_did(
    start: Any, statement: str, place: int
) -> None:
    running = start()
    token = auditor(running)
    auditor(running)

    execute(
        running,
        "DROP TRIGGER auth_audit_events_keep_content",
        "DROP TRIGGER auth_audit_events_keep_rows",
        statement,
    )

    found = verification(running, token)
    assert (found["holds"], found["first_bad"]) == (False, place)


def test_audit_rows_hold_no_secret_and_no_address_of_strangers(running: Any) -> None:
    canary = "canary secret passphrase"
    running.client.post("/auth/register", json={"email": "canary.mail@example.org", "password": canary})
    tokens = running.login("canary.mail@example.org", canary).json()
    running.login("canary.stranger@example.org", canary)
    running.refresh(tokens["refresh_token"])

    async def everything() -> str:
        async with running.app.kit.database.connect() as connection:
            return repr((await connection.execute(sa.select(audit_events))).all())

    text = running.client.portal.call(everything)

    secrets = (canary, tokens["access_token"], tokens["refresh_token"], "canary.stranger")
    assert not [secret for secret in secrets if secret in text]


def test_events_are_paged_to_the_end_without_repeating_any(running: Any) -> None:
    token = auditor(running)
    for _ in range(3):
        running.login("nobody@example.org")
    seen: list[int] = []
    page = running.get("/auth/audit?limit=2", token).json()
    first = page["items"][0]["sequence"]
    while True:
        seen += [event["sequence"] for event in page["items"]]
        if page["next_cursor"] is None:
            break
        page = running.get(f"/auth/audit?limit=2&cursor={page['next_cursor']}", token).json()

    assert seen == list(range(first, 0, -1))


@pytest.mark.parametrize("path", ["/auth/audit", "/auth/audit/verification", "/auth/users"])
@pytest.mark.parametrize("role", ["reader", "user", "operator"])
def test_only_administrators_see_audit_and_users(running: Any, path: str, role: str) -> None:
    token = running.state("a signed-in user", role=role)["token"]

    assert running.get(path, token).status_code == 403
    assert running.client.get(path).status_code == 401
