"""What reads offer is present when one shows it, absent when none does, unknown when they are refused."""

from collections.abc import Callable, Mapping
from pathlib import Path

import httpx
import pytest

from harness.core.operation import Operation, Operations
from harness.core.plan import CapabilityState
from harness.core.target import Target
from harness.target.file import load_target
from harness.target.instance import Instance
from harness.target.probes import (
    baseline,
    callbacks,
    changeable,
    compression,
    deprecations,
    head,
    health,
    idempotency_keys,
    negotiation,
    nested_objects,
    paging,
    ranges,
    recovery,
    replaceable,
    roles,
    validators,
)
from harness.target.probes.protocol import Asking, Probe

PRESENT, ABSENT, UNKNOWN = CapabilityState.PRESENT, CapabilityState.ABSENT, CapabilityState.UNKNOWN
LAMPS = Operation(method="GET", path="/lamps", responses={"200": ("application/json",)})


def asked(
    probe: Probe,
    answer: Callable[[httpx.Request], httpx.Response],
    *,
    document: Mapping[str, object] | None = None,
    operations: tuple[Operation, ...] = (LAMPS,),
    target: Target | None = None,
) -> CapabilityState:
    """Return the state that a probe sees at a target that answers so."""
    instance = Instance(
        target=target or Target(name="lamps", base_url="http://h"),
        base_url="http://h",
        direct_url="http://h",
        operations=Operations(operations),
        openapi_document=document,
        openapi_path=None,
    )
    client = httpx.Client(base_url="http://h", transport=httpx.MockTransport(answer))
    return probe.ask(Asking(instance=instance, client=client)).state


def only(**headers: str) -> Callable[[httpx.Request], httpx.Response]:
    """Answer /lamps with these header fields and nothing else."""
    fields = {name.replace("_", "-"): value for name, value in headers.items()}

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200 if request.url.path == "/lamps" else 404, headers=fields)

    return answer


@pytest.mark.parametrize(
    ("probe", "headers"),
    [
        (validators.PROBE, {"ETag": '"a"'}),
        (compression.PROBE, {"Content_Encoding": "gzip"}),
        (ranges.PROBE, {"Accept_Ranges": "bytes"}),
    ],
)
def test_a_read_that_shows_it_is_enough(probe: Probe, headers: dict[str, str]) -> None:
    def bare(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200 if request.url.path == "/lamps" else 404)

    shown = {name.replace("_", "-"): value for name, value in headers.items()}

    def showing(request: httpx.Request) -> httpx.Response:
        return httpx.Response(bare(request).status_code, headers=shown, stream=httpx.ByteStream(b""))

    assert asked(probe, bare) is ABSENT
    assert asked(probe, showing) is PRESENT


def test_reads_that_are_refused_leave_it_unknown() -> None:
    assert asked(validators.PROBE, lambda _: httpx.Response(401)) is UNKNOWN


def test_where_nothing_is_read_it_is_unknown() -> None:
    assert asked(validators.PROBE, lambda _: httpx.Response(404)) is UNKNOWN


def test_head_is_absent_where_it_is_refused_everywhere() -> None:
    def refusing(request: httpx.Request) -> httpx.Response:
        return httpx.Response(405 if request.method == "HEAD" else 200)

    assert asked(head.PROBE, refusing) is ABSENT
    assert asked(head.PROBE, lambda _: httpx.Response(200)) is PRESENT


def test_a_service_that_answers_everything_has_no_health() -> None:
    assert asked(health.PROBE, lambda _: httpx.Response(200)) is ABSENT
    assert (
        asked(health.PROBE, lambda request: httpx.Response(200 if request.url.path == "/health" else 404))
        is PRESENT
    )


def _document(operation: Mapping[str, object]) -> Mapping[str, object]:
    return {"openapi": "3.1.0", "paths": {"/lamps": {"get": operation, "post": operation}}}


@pytest.mark.parametrize(
    ("probe", "operation"),
    [
        (paging.PROBE, {"parameters": [{"name": "pageSize", "in": "query"}]}),
        (deprecations.PROBE, {"deprecated": True}),
        (callbacks.PROBE, {"callbacks": {"made": {}}}),
        (idempotency_keys.PROBE, {"parameters": [{"name": "idempotency-key", "in": "header"}]}),
    ],
)
def test_what_the_document_declares_is_present(probe: Probe, operation: Mapping[str, object]) -> None:
    silent = lambda _: httpx.Response(500)  # noqa: E731 - nothing may be asked

    assert asked(probe, silent, document=_document(operation)) is PRESENT
    assert asked(probe, silent, document=_document({})) is ABSENT
    assert asked(probe, silent) is ABSENT


def test_operations_decide_of_negotiation_and_replacing() -> None:
    two = Operation(method="GET", path="/lamps", responses={"200": ("application/json", "text/csv")})
    put = Operation(method="PUT", path="/lamps")

    assert asked(negotiation.PROBE, only(), operations=(two,)) is PRESENT
    assert asked(negotiation.PROBE, only(), operations=(LAMPS,)) is ABSENT
    assert asked(replaceable.PROBE, only(), operations=(LAMPS, put)) is PRESENT
    assert asked(replaceable.PROBE, only(), operations=(LAMPS,)) is ABSENT


def test_what_is_changed_in_part_is_changeable_and_not_replaceable() -> None:
    patch = Operation(method="PATCH", path="/lamps")

    assert asked(changeable.PROBE, only(), operations=(LAMPS, patch)) is PRESENT
    assert asked(replaceable.PROBE, only(), operations=(LAMPS, patch)) is ABSENT
    assert asked(changeable.PROBE, only(), operations=(LAMPS,)) is ABSENT


def test_what_is_made_below_an_object_is_nested() -> None:
    lamp = (Operation(method="POST", path="/lamps"), Operation(method="GET", path="/lamps/{id}"))
    bulbs = tuple(
        Operation(method=method, path="/lamps/{id}/bulbs", request_media_types=("application/json",))
        for method in ("GET", "POST")
    )

    assert asked(nested_objects.PROBE, only(), operations=(*lamp, *bulbs)) is PRESENT
    assert asked(nested_objects.PROBE, only(), operations=lamp) is ABSENT


def test_a_recovery_takes_a_name_and_no_proof() -> None:
    forgot = Operation(method="POST", path="/forgot-password", request_media_types=("application/json",))

    def taking(*members: str) -> Mapping[str, object]:
        schema = {"type": "object", "properties": {name: {"type": "string"} for name in members}}
        body = {"content": {"application/json": {"schema": schema}}}
        return {"paths": {"/forgot-password": {"post": {"requestBody": body}}}}

    assert asked(recovery.PROBE, only(), operations=(forgot,), document=taking("email")) is PRESENT
    assert asked(recovery.PROBE, only(), operations=(forgot,), document=taking("email", "token")) is ABSENT


def test_roles_are_marked_by_the_document_or_the_target_file(tmp_path: Path) -> None:
    described = tmp_path / "lamps.toml"
    described.write_text(
        'name = "lamps"\nbase_url = "http://h"\n[[identities]]\nname = "keeper"\nkind = "bearer"\n'
        'secret = "s"\nrole = "keeper"\nreserved = ["GET /lamps"]\n'
    )

    assert asked(roles.PROBE, only()) is ABSENT
    assert asked(roles.PROBE, only(), target=load_target(str(described), {})) is PRESENT


def test_a_baseline_is_what_the_target_file_names(tmp_path: Path) -> None:
    (tmp_path / "old.json").write_text("{}")
    described = tmp_path / "lamps.toml"
    described.write_text('name = "lamps"\nbase_url = "http://h"\n[compatibility]\nbaseline = "old.json"\n')
    target = load_target(str(described), {})

    assert target.baseline == str(tmp_path / "old.json")
    assert asked(baseline.PROBE, only(), target=target) is PRESENT
    assert asked(baseline.PROBE, only()) is ABSENT
