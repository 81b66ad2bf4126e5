"""The surface of a document is read from the shape of its operations, and never guessed beyond it."""

import json
from typing import Any

import pytest

from harness.core.operation import Operation
from harness.core.plan import CapabilityState
from harness.core.target import Target
from harness.target.instance import Instance, Session
from harness.target.openapi import read_openapi
from harness.target.probes import probes
from harness.target.probes.protocol import Asking
from harness.target.surface import (
    admin_operations,
    ends_credential,
    logins,
    parameters_of,
    redirect_slots,
    registrations,
    resources,
    text_slots,
    url_slots,
)
from tests.targets.notes_access import Door
from tests.targets.notes_document import document

NOTES = document()
OPERATIONS = read_openapi(json.dumps(NOTES).encode()).operations


@pytest.mark.parametrize(
    "subject",
    [
        "POST /auth/logout",
        "GET /sign-out",
        "POST /me/reset-token",
        "POST /users/me/change-password",
        "DELETE /me",
        "DELETE /api-keys/{id}",
        "POST /tokens/revoke",
        "POST /auth/refresh-token",
        "PATCH /account",
        "POST /account/deactivate",
    ],
)
def test_an_operation_that_may_end_a_credential_is_known(subject: str) -> None:
    method, path = subject.split(" ")

    assert ends_credential(Operation(method=method, path=path))


@pytest.mark.parametrize(
    "subject", ["GET /me", "POST /orders", "POST /breakers/{id}/reset", "GET /tokens", "DELETE /notes/{id}"]
)
def test_an_ordinary_operation_ends_no_credential(subject: str) -> None:
    method, path = subject.split(" ")

    assert not ends_credential(Operation(method=method, path=path))


def test_an_object_is_what_is_posted_and_read_one_segment_below() -> None:
    found = {each.create.subject: each for each in resources(OPERATIONS)}

    assert set(found) == {"POST /api/v2/notes", "POST /api/v2/hooks"}
    notes = found["POST /api/v2/notes"]
    assert notes.read.subject == "GET /api/v2/notes/{id}"
    assert notes.parameter == "id"
    assert notes.collection is not None
    assert {each.method for each in notes.items} == {"GET", "PUT", "DELETE"}
    assert found["POST /api/v2/hooks"].collection is None


def test_the_doors_are_told_apart() -> None:
    assert [each.operation.path for each in logins(OPERATIONS, NOTES)] == ["/login"]
    assert [each.operation.path for each in registrations(OPERATIONS, NOTES)] == ["/register"]


def test_what_is_reserved_is_what_the_document_says_is() -> None:
    reserved = (
        Operation(method="GET", path="/a", is_secured=True, scopes=("admin:read",)),
        Operation(method="GET", path="/b/admin/c", is_secured=True),
        Operation(method="GET", path="/d", is_secured=True, tags=("Admin",)),
    )
    others = (
        Operation(method="GET", path="/administrivia", is_secured=True),
        Operation(method="GET", path="/admin/open"),
        Operation(method="GET", path="/staff", is_secured=True, tags=("root",)),
        Operation(method="GET", path="/e", is_secured=True, scopes=("notes:read",)),
    )

    assert tuple(admin_operations((*reserved, *others))) == reserved


def test_inputs_are_found_by_type_format_and_name() -> None:
    texts = {f"{each.operation.path} {each.name}" for each in text_slots(OPERATIONS, NOTES, reading=True)}
    written = {f"{each.operation.path} {each.name}" for each in text_slots(OPERATIONS, NOTES, reading=False)}

    assert "/api/v2/search q" in texts
    assert "/api/v2/notes title" in written
    assert not any("password" in each for each in written)
    assert [each.name for each in url_slots(OPERATIONS, NOTES, reading=False)] == ["url"]
    assert [each.name for each in redirect_slots(OPERATIONS, NOTES)] == ["next"]


def test_parameters_of_the_path_and_behind_references_count() -> None:
    shared = {"components": {"parameters": {"Q": {"name": "q", "in": "query", "schema": {"type": "string"}}}}}
    of_path = {"name": "id", "in": "path", "schema": {"type": "string"}}
    item = {"parameters": [of_path], "get": {"parameters": [{"$ref": "#/components/parameters/Q"}]}}

    found = parameters_of(Operation(method="GET", path="/x/{id}"), {**shared, "paths": {"/x/{id}": item}})

    assert [each["name"] for each in found] == ["id", "q"]


def test_a_damaged_document_offers_nothing() -> None:
    broken: list[dict[str, Any]] = [{}, {"paths": []}, {"paths": {"/login": {"post": {"requestBody": 3}}}}]
    operation = Operation(method="POST", path="/login")

    for each in broken:
        assert tuple(text_slots([operation], each, reading=False)) == ()
        assert tuple(logins([operation], each)) == ()


def probed(instance: Instance) -> dict[str, CapabilityState]:
    asked = ("objects", "login", "registration", "text-input", "url-input", "redirects", "roles", "jwt")
    asked = (*asked, "versioned-paths", "cookie-auth", "bearer")
    client: Any = None  # nothing is sent
    return {
        each.id: each.ask(Asking(instance=instance, client=client)).state
        for each in probes()
        if each.id in asked
    }


def instance(
    *, operations: Any = OPERATIONS, document: Any = NOTES, sessions: dict[str, Session] | None = None
) -> Instance:
    return Instance(
        target=Target(name="notes", base_url="http://notes"),
        base_url="http://notes",
        direct_url="http://notes",
        operations=operations,
        openapi_document=document,
        openapi_path=None,
        sessions=sessions or {},
    )


class _House:
    def __init__(self) -> None:
        self.users = {"alice": {"role": "user"}}
        self.failures: dict[str, int] = {}

    def has(self, _flaw: str) -> bool:
        return False


def test_probes_find_what_the_document_and_the_identities_have() -> None:
    token = {"Authorization": f"Bearer {Door(_House()).token('alice')}"}
    states = probed(instance(sessions={"alice": Session(name="alice", role="user", headers=token)}))

    assert states.pop("cookie-auth") is CapabilityState.ABSENT
    assert set(states.values()) == {CapabilityState.PRESENT}


def test_probes_find_nothing_where_there_is_nothing() -> None:
    bare = read_openapi(b'{"openapi": "3.1.0", "paths": {"/health": {"get": {}}}}').operations
    opaque = Session(name="key", role="", headers={"X-Api-Key": "k"})
    states = probed(instance(operations=bare, sessions={"key": opaque}, document={}))

    assert set(states.values()) == {CapabilityState.ABSENT}


def test_without_a_document_and_identities_nobody_knows() -> None:
    states = probed(instance(operations=read_openapi(b"{}").operations, document={}))

    assert {states.pop("cookie-auth"), states.pop("bearer")} == {CapabilityState.ABSENT}
    assert set(states.values()) == {CapabilityState.UNKNOWN}
