"""What a scenario may ask for: the target, clients, identities, control, stubs, links, subjects, patience."""

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from ssl import SSLContext

import httpx
import pytest

from harness.core.operation import Operation
from harness.layers.scenarios.context import ScenarioContext
from harness.layers.scenarios.doors import Control, StubDoor
from harness.layers.scenarios.ledger import AS_EXPECTED, Scenario, verdict_of
from harness.layers.scenarios.polling import Eventually
from harness.layers.scenarios.session import SCENARIO, SESSION
from harness.layers.scenarios.signals import Inconclusive
from harness.target.bounded import is_same_origin
from harness.target.launch_client import LaunchClient

_SECONDS = 20.0

Judged = Callable[..., AbstractContextManager[None]]
Identify = Callable[[str], httpx.Client]


@cache
def _certificates() -> SSLContext:
    """The authorities we trust; reading them takes longer than most requests, so all clients share them."""
    return httpx.create_ssl_context(trust_env=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clients:
    """Makes clients whose requests carry the scenario's step, and remembers the last request."""

    context: ScenarioContext
    scenario: Scenario
    stack: ExitStack

    def __call__(self, headers: Mapping[str, str] | None = None, *, identity: str = "") -> httpx.Client:
        """Return a client that is closed when the scenario ends; it follows no redirect."""
        client = httpx.Client(
            base_url=self.context.base_url,
            headers={**(headers or {}), **({"Harness-Identity": identity} if identity else {})},
            timeout=_SECONDS,
            trust_env=False,
            verify=_certificates(),
            follow_redirects=False,
            event_hooks={"request": [self._mark]},
        )
        return self.stack.enter_context(client)

    def _mark(self, request: httpx.Request) -> None:
        self._stay_at_home(request)
        request.headers["Harness-Step"] = self.scenario.step
        self.scenario.last_request = request

    def _stay_at_home(self, request: httpx.Request) -> None:
        """Send to the target only, and through the recorder; nobody agreed that others are contacted."""
        home = httpx.URL(self.context.base_url)
        if is_same_origin(request.url, home):
            return
        if not is_same_origin(request.url, httpx.URL(self.context.direct_url)):
            raise Inconclusive("other-origin", f"{request.method} {request.url} leaves the target's origin.")
        request.url = request.url.copy_with(scheme=home.scheme, host=home.host, port=home.port)
        request.headers["Host"] = home.netloc.decode("ascii")


@pytest.fixture(scope="session")
def target(pytestconfig: pytest.Config) -> ScenarioContext:
    """The target and what is known of it."""
    return pytestconfig.stash[SESSION].context


@pytest.fixture
def scenario(request: pytest.FixtureRequest) -> Scenario:
    """The running scenario's own account."""
    found: Scenario | None = request.node.stash.get(SCENARIO, None)
    if found is None:
        raise pytest.UsageError(f"{request.node.nodeid} has no requirement mark, so it has no client either.")
    return found


@pytest.fixture
def clients(target: ScenarioContext, scenario: Scenario) -> Iterator[Clients]:
    """Makes clients with headers of your own."""
    with ExitStack() as stack:
        yield Clients(context=target, scenario=scenario, stack=stack)


@pytest.fixture
def client(clients: Clients) -> httpx.Client:
    """An anonymous client on the target."""
    return clients()


@pytest.fixture
def as_identity(target: ScenarioContext, clients: Clients) -> Identify:
    """Returns a client that acts as one of the target file's identities."""

    def identify(name: str) -> httpx.Client:
        session = target.sessions.get(name)
        if session is None:
            raise Inconclusive("no-identity", f"The target file names no identity {name!r} that can sign in.")
        return clients(session.headers, identity=name)

    return identify


@pytest.fixture
def operations(target: ScenarioContext) -> tuple[Operation, ...]:
    """The operations that the target declares."""
    if not target.operations:
        raise Inconclusive("no-operations", "No OpenAPI document with operations was found.")
    return target.operations


@pytest.fixture(scope="session")
def control(target: ScenarioContext) -> Iterator[Control]:
    """The target's control API: provider states and the clock."""
    if not target.has_control:
        raise Inconclusive("no-control", "The target offers no control API.")
    door = Control(target.direct_url)
    yield door
    door.close()


@pytest.fixture(scope="session")
def _stub_doors(target: ScenarioContext) -> Iterator[Mapping[str, StubDoor]]:
    doors = {name: StubDoor(url) for name, url in target.stubs.items()}
    yield doors
    for door in doors.values():
        door.close()


@pytest.fixture
def stubs(_stub_doors: Mapping[str, StubDoor]) -> Iterator[Callable[[str], StubDoor]]:
    """Returns a stub by name; every stub answers as its service does before and after the scenario."""
    used: list[StubDoor] = []

    def stub(name: str) -> StubDoor:
        if name not in _stub_doors:
            raise Inconclusive("no-stub", f"The target is not launched with a stub named {name!r}.")
        door = _stub_doors[name]
        door.clear()
        used.append(door)
        return door

    yield stub
    for door in used:
        door.clear()


@pytest.fixture
def links(target: ScenarioContext) -> Iterator[LaunchClient]:
    """The launcher's own control: toxics on links and signals to processes; needs the mark `faults`."""
    if not target.control_address:
        raise Inconclusive("not-launched", "Faults need a target that the harness launched.")
    with LaunchClient(target.control_address, target.control_token) as launch:
        yield launch


@pytest.fixture
def judged(request: pytest.FixtureRequest, scenario: Scenario) -> Judged:
    """Returns `judged(subject)`: a block that decides that subject; the scenario goes on after it."""
    ledger = request.config.stash[SESSION].ledger

    @contextmanager
    def judge(subject: str, *, requirement: str = "") -> Generator[None, None, None]:
        chosen = requirement or next(iter(scenario.requirements))
        scenario.subject = subject
        verdict = AS_EXPECTED
        try:
            yield
        except (Exception, pytest.skip.Exception) as error:  # noqa: BLE001 - the boundary: it becomes a finding
            verdict = verdict_of(error)
        except BaseException as error:
            ledger.judge(scenario, chosen, subject, verdict_of(error))
            raise
        ledger.judge(scenario, chosen, subject, verdict)
        scenario.subject = ""

    return judge


@pytest.fixture(scope="session")
def eventually() -> Eventually:
    """Asks again until a check holds or a deadline passes."""
    return Eventually()
