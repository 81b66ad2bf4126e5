"""What the core scenarios share: fresh accounts, receivers of their own, GraphQL, metrics, quiet limits."""

import uuid
from collections.abc import Callable, Iterator, Mapping

import httpx
import pytest

from harness.layers.scenarios.breaker_door import SMALL, Guarded, find_breaker
from harness.layers.scenarios.context import ScenarioContext
from harness.layers.scenarios.core_profile import (
    Account,
    Accounts,
    GraphQL,
    Hub,
    Receiver,
    Receivers,
    Shared,
)
from harness.layers.scenarios.doors import Control, StubDoor
from harness.layers.scenarios.expect import expect_status
from harness.layers.scenarios.fixtures import Clients
from harness.layers.scenarios.metrics import Samples
from harness.layers.scenarios.signals import Inconclusive
from harness.target.launch_client import LaunchClient

_BREAKERS = "/api/circuit-breakers/breakers"
_WEBHOOK_BREAKER = "hub.webhook"
_NEVER_OPENS = {"window_size": 10_000, "minimum_calls": 10_000}


def pytest_itemcollected(item: pytest.Item) -> None:
    """Every core scenario makes its own data, so every one of them writes."""
    item.add_marker(pytest.mark.writes)


@pytest.fixture(scope="session")
def shared_accounts() -> Shared:
    """Those that several scenarios act as."""
    return {}


@pytest.fixture
def accounts(control: Control, clients: Clients, shared_accounts: Shared) -> Accounts:
    """Makes accounts that nobody else uses, and gives those that scenarios share."""
    return Accounts(control, clients, shared_accounts)


@pytest.fixture
def account(accounts: Accounts) -> Account:
    """A user that nobody else uses."""
    return accounts()


@pytest.fixture
def visitor(accounts: Accounts) -> Account:
    """A user that other scenarios act as, too: for what leaves nothing behind."""
    return accounts.shared()


@pytest.fixture
def fresh_windows(control: Control) -> None:
    """Moves the clock past every window of a rate limit, so that earlier requests do not count."""
    control.advance(901)


@pytest.fixture
def unique() -> str:
    """A word that no other scenario uses."""
    return uuid.uuid4().hex[:12]


@pytest.fixture
def breakers_reset(accounts: Accounts) -> None:
    """Closes every breaker as an operator would, so that earlier failures of an upstream do not count."""
    expect_status(accounts.shared("operator").client.post("/api/circuit-breakers/reset"), 200, 202, 204)


@pytest.fixture(scope="session")
def calm_webhook_breaker(target: ScenarioContext, control: Control) -> Iterator[None]:
    """Keeps the breaker before webhook receivers shut: they share an address, and some fail on purpose."""
    with as_operator(target, control) as operator:
        before = configure_breaker(operator, _WEBHOOK_BREAKER, _NEVER_OPENS)
    yield
    with as_operator(target, control) as operator:
        configure_breaker(operator, _WEBHOOK_BREAKER, before)


@pytest.fixture
def strict_webhook_breaker(
    target: ScenarioContext,
    control: Control,
    calm_webhook_breaker: None,  # noqa: ARG001 - what it is set back to
) -> Iterator[None]:
    """Lets the breaker before webhook receivers open after few failures, for as long as one scenario."""
    with as_operator(target, control) as operator:
        configure_breaker(operator, _WEBHOOK_BREAKER, SMALL)
    yield
    with as_operator(target, control) as operator:
        configure_breaker(operator, _WEBHOOK_BREAKER, _NEVER_OPENS)
        expect_status(operator.post("/api/circuit-breakers/reset"), 200, 202, 204)


def as_operator(target: ScenarioContext, control: Control) -> httpx.Client:
    """Return a client that acts as an operator, outside any scenario."""
    token = control.state("a signed-in user", role="operator")["token"]
    bearer = {"Authorization": f"Bearer {token}"}
    return httpx.Client(base_url=target.base_url, headers=bearer, trust_env=False, timeout=20.0)


def configure_breaker(
    operator: httpx.Client, name: str, settings: Mapping[str, object]
) -> Mapping[str, object]:
    """Set a breaker as an operator would, and return how it was set before; a new one takes its place."""
    made = operator.post(_BREAKERS, json={"name": name, "settings": dict(settings)})
    if made.status_code == 201:
        return {}
    listed = operator.get(_BREAKERS, params={"limit": 100}).json().get("items", ())
    found = next((each for each in listed if each["name"] == name), None)
    if found is None or not settings:
        return {}
    operator.patch(
        f"{_BREAKERS}/{found['id']}", json={"settings": dict(settings)}, headers={"If-Match": found["etag"]}
    )
    before: Mapping[str, object] = found["settings"]
    return before


@pytest.fixture
def receivers(
    stubs: Callable[[str], StubDoor],
    target: ScenarioContext,
    calm_webhook_breaker: None,  # noqa: ARG001 - set before anything is delivered
) -> Receivers:
    """Makes webhook receivers that nobody else sends to, where the target reaches them."""
    stub = stubs("webhook")
    if not target.control_address:
        return Receivers(base_url=stub.url, stub=stub)
    with LaunchClient(target.control_address, target.control_token) as launch:
        return Receivers(base_url=launch.link("webhook")["url"], stub=stub)


@pytest.fixture
def receiver(receivers: Receivers) -> Receiver:
    """A webhook receiver that nobody else sends to."""
    return receivers()


@pytest.fixture
def hub(account: Account) -> Hub:
    """The hub as a fresh user uses it."""
    return Hub(account)


@pytest.fixture
def graphql(account: Account, target: ScenarioContext) -> GraphQL:
    """The GraphQL endpoint as a fresh user uses it."""
    return GraphQL(account.client, graphql_path(target))


@pytest.fixture
def graphql_of(target: ScenarioContext) -> Callable[[httpx.Client], GraphQL]:
    """Returns the GraphQL endpoint as any client uses it."""
    path = graphql_path(target)
    return lambda client: GraphQL(client, path)


def graphql_path(target: ScenarioContext) -> str:
    """Return where the target file says GraphQL is."""
    if not target.graphql:
        raise Inconclusive("no-graphql", "The target file names no GraphQL endpoint.")
    return target.graphql


@pytest.fixture
def scrape(client: httpx.Client) -> Callable[[], Samples]:
    """Reads the metrics."""
    return lambda: Samples.parse(expect_status(client.get("/metrics"), 200).text)


@pytest.fixture
def guarded(
    accounts: Accounts,
    stubs: Callable[[str], StubDoor],
    control: Control,
    unique: str,
    breakers_reset: None,  # noqa: ARG001 - the breakers are closed before the one in question is looked for
) -> Iterator[Guarded]:
    """Search and its breaker with small settings; both are as they were afterwards."""
    operator, brave = accounts.shared("operator").client, stubs("brave")
    found = find_breaker(operator, brave, unique)
    before = found["settings"]
    guarded = Guarded(
        identity=found["id"], name=found["name"], operator=operator, brave=brave, control=control, word=unique
    )
    guarded.configure(SMALL)
    brave.clear()
    yield guarded
    brave.clear()
    renewed = accounts.shared("operator").client
    Guarded(
        identity=found["id"], name=found["name"], operator=renewed, brave=brave, control=control, word=unique
    ).configure(before)
