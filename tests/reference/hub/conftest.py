"""A hub on a fresh SQLite file with a clock that moves by hand and a resolver without a network."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from reference_impl import defects
from reference_impl.breakers.wiring import assemble as assemble_breakers
from reference_impl.defects import Counters, discover
from reference_impl.hub import tables
from reference_impl.hub.models import Draft, Priority
from reference_impl.hub.service import HubService, MessageView
from reference_impl.hub.wiring import assemble
from reference_impl.hub.worker import Worker
from reference_impl.kit.access import ROLES, Principal
from reference_impl.kit.clock import ManualClock
from reference_impl.kit.composition import Assembled, Kit, build_kit, close_kit
from reference_impl.kit.policies import Policies
from reference_impl.kit.problem import Unauthorized
from reference_impl.settings import Settings

RECEIVER = "https://receiver.example.com/hooks"
RECEIVER_BY_ADDRESS = "https://93.184.215.14/hooks"
SECRET = "whsec_" + "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="
ALICE = Principal(subject="usr_alice", tenant="north", permissions=ROLES["user"])
BOB = Principal(subject="usr_bob", tenant="north", permissions=ROLES["user"])
NORTH_ADMIN = Principal(subject="usr_root", tenant="north", permissions=ROLES["admin"])
SOUTH_ADMIN = Principal(subject="usr_pole", tenant="south", permissions=ROLES["admin"])
_BY_TOKEN: Mapping[str, Principal] = {"alice": ALICE, "bob": BOB}


class TokenTable:
    async def authenticate(self, bearer: str) -> Principal:
        if bearer not in _BY_TOKEN:
            raise Unauthorized
        return _BY_TOKEN[bearer]


async def resolve(host: str, port: int) -> Sequence[str]:
    return {
        "receiver.example.com": ("93.184.215.14",),
        "inside.example.com": ("10.0.0.7",),
        "half.example.com": ("93.184.215.14", "127.0.0.1"),
        "127.0.0.1": ("127.0.0.1",),
    }.get(host, ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    kit: Kit
    assembled: Assembled
    service: HubService
    worker: Worker
    clock: ManualClock

    async def send(self, principal: Principal = ALICE, **changes: object) -> MessageView:
        return (await self.service.enqueue(principal, [draft(**changes)]))[0]

    async def work(self, rounds: int = 1) -> int:
        return sum([await self.worker.run_once() for _ in range(rounds)])


def draft(**changes: object) -> Draft:
    members: dict[str, object] = {
        "channel": "webhook",
        "recipient": RECEIVER,
        "priority": Priority.NORMAL,
        "subject": None,
        "text": "hello",
        "data": None,
        "send_at": None,
        "max_attempts": 3,
    }
    return Draft(**(members | changes))  # type: ignore[arg-type]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, webhook_secrets=(SECRET,), webhook_allow=("127.0.0.1:9999",))


@pytest.fixture
def counters() -> Counters:
    return Counters()


@pytest.fixture
def policies(request: pytest.FixtureRequest, counters: Counters) -> Policies:
    """The right policies, or those of the defect that the test's parameter names."""
    policies = Policies()
    if hasattr(request, "param"):
        name, _, twin = request.param.partition(":")
        defect = discover(defects)[name]
        policies.change(name, (twin and defect.twin) or defect.apply, counters)
    return policies


@pytest.fixture
async def kit(settings: Settings, policies: Policies) -> AsyncIterator[Kit]:
    kit = build_kit(settings, clock=ManualClock(), random=Random(1), policies=policies)
    async with kit.database.begin() as connection:
        await connection.run_sync(
            lambda sync: tables.messages.metadata.create_all(
                sync, tables=[tables.messages, tables.attempts, tables.secrets]
            )
        )
    yield kit
    await close_kit(kit)


@pytest.fixture
async def hub(kit: Kit) -> AsyncIterator[Hub]:
    breakers = assemble_breakers(kit)
    assembled = assemble(kit, authenticator=TokenTable(), guards=breakers.guard, resolve=resolve)
    service = assembled.service
    assert isinstance(service, HubService)
    worker = assembled.worker[0].__self__  # type: ignore[attr-defined]
    assert isinstance(kit.clock, ManualClock)
    yield Hub(kit=kit, assembled=assembled, service=service, worker=worker, clock=kit.clock)
    for close in assembled.shutdown:
        await close()
