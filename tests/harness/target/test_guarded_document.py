"""A document that is given only to people who are signed in is read by one of them."""

import json

import httpx
import pytest

from harness.core.plan import CapabilityState
from harness.core.target import CredentialKind, Identity, Target
from harness.target.identities import standing_credential
from harness.target.instance import Session
from harness.target.probes.openapi_document import PROBE
from harness.target.probes.protocol import Asking
from harness.target.reading import fetch_openapi
from tests.harness.layers.assigning import instance_of

_URL = "http://notes.example"
_DOCUMENT = {"openapi": "3.1.0", "info": {"title": "A", "version": "1"}, "paths": {"/notes": {"get": {}}}}
_KNOWN = {"Authorization": "Bearer t"}


def _door(request: httpx.Request) -> httpx.Response:
    if request.headers.get("Authorization") != "Bearer t":
        return httpx.Response(403, content=iter([b"Forbidden"]))
    return httpx.Response(200, content=iter([json.dumps(_DOCUMENT).encode()]))


def _client(url: str) -> httpx.Client:
    return httpx.Client(base_url=url, transport=httpx.MockTransport(_door))


@pytest.mark.parametrize(("credential", "operations"), [(_KNOWN, ["GET /notes"]), ({}, []), (None, [])])
def test_who_is_known_reads_the_document_and_a_stranger_does_not(
    credential: dict[str, str] | None, operations: list[str]
) -> None:
    target = Target(name="a", base_url=_URL, openapi="/openapi.json")

    _, read = fetch_openapi(target, _URL, _client, credential=credential)

    assert [item.subject for item in read.operations] == operations


def test_no_credential_goes_where_a_document_is_only_guessed_at() -> None:
    _, read = fetch_openapi(Target(name="a", base_url=_URL), _URL, _client, credential=_KNOWN)

    assert read.document is None


@pytest.mark.parametrize(
    ("headers", "state"), [(_KNOWN, CapabilityState.PRESENT), ({}, CapabilityState.ABSENT)]
)
def test_the_probe_asks_as_whoever_is_signed_in(headers: dict[str, str], state: CapabilityState) -> None:
    target = Target(name="a", base_url=_URL, openapi="/openapi.json")
    instance = instance_of(target, _URL, sessions=[Session(name="ann", role="", headers=headers)])

    with _client(_URL) as client:
        assert PROBE.ask(Asking(instance=instance, client=client)).state is state


def test_only_what_needs_no_sign_in_is_at_hand_before_one() -> None:
    asked = Identity(name="ann", kind=CredentialKind.PASSWORD, secret="p")
    bearer = Identity(name="bob", kind=CredentialKind.BEARER, secret="t")
    key = Identity(name="cem", kind=CredentialKind.API_KEY, header="X-Key", secret="k")
    empty = Identity(name="dan", kind=CredentialKind.BEARER, secret="")

    assert standing_credential([asked, empty, bearer, key]) == {"Authorization": "Bearer t"}
    assert standing_credential([asked, key]) == {"X-Key": "k"}
    assert standing_credential([asked, empty]) == {}
