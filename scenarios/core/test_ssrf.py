"""A webhook's address never makes the target call into its own network."""

import socket
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from harness.layers.scenarios.core_profile import ACCEPTED, Account, Hub, Receiver
from harness.layers.scenarios.expect import json_of, shown
from harness.layers.scenarios.fixtures import Judged
from harness.layers.scenarios.polling import Eventually

_PRIVATE = ("10.0.0.1", "172.16.0.1", "192.168.0.1", "100.64.0.1", "[fd00::1]", "198.18.0.1")
_LINK_LOCAL = ("169.254.169.254", "[fe80::1]", "[::ffff:169.254.169.254]", "2852039166", "0xA9FEA9FE")


class Canary:
    """A listener on loopback that nobody may connect to."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(0)
        self.port = self._socket.getsockname()[1]

    def check_silent(self, what: str) -> None:
        """Fail when anybody connected."""
        try:
            connection, _ = self._socket.accept()
        except BlockingIOError:
            return
        connection.close()
        raise AssertionError(f"{what} made the target connect to a loopback listener")

    def close(self) -> None:
        """Stop listening."""
        self._socket.close()


@pytest.fixture
def canary() -> Iterator[Canary]:
    """A listener on loopback."""
    with closing(Canary()) as listener:
        yield listener


def loopback_urls(port: int) -> Sequence[str]:
    """Return spellings of loopback, as they are and as they hide."""
    hosts = (
        "127.0.0.1",
        "localhost",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
        "localhost.",
        "127.0.0.1.nip.io",
    )
    return tuple(f"{scheme}://{host}:{port}/hook" for host in hosts for scheme in ("http", "https"))


def check_not_sent(hub: Hub, urls: Sequence[str], eventually: Eventually) -> None:
    """Each address is refused when the message is accepted, or the message ends without having been sent."""

    def check(url: str) -> None:
        body = {"channel": "webhook", "to": url, "text": "Hello.", "max_attempts": 1}
        answer = hub.account.client.post("/api/hub/messages", json=body)
        if 400 <= answer.status_code < 500:
            return
        accepted = json_of(answer, *ACCEPTED)
        ended = eventually(lambda: hub.in_state(accepted["id"], "dead"), within=5.0)
        outcome = ended["history"][-1]["outcome"]
        assert "refused" in outcome, f"a message to {url} was accepted and tried: {outcome}"

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(check, urls))


@pytest.mark.requirement("security.ssrf-refused", "loopback", "link-local", "private")
def test_an_address_inside_the_network_is_refused(
    hub: Hub, canary: Canary, eventually: Eventually, judged: Judged
) -> None:
    """No webhook is sent to loopback, link-local or private addresses, however they are written."""
    with judged("loopback"):
        check_not_sent(hub, loopback_urls(canary.port), eventually)
        canary.check_silent("a webhook to a loopback address")
    with judged("link-local"):
        check_not_sent(hub, [f"https://{host}/latest/meta-data" for host in _LINK_LOCAL], eventually)
    with judged("private"):
        check_not_sent(hub, [f"https://{host}/hook" for host in _PRIVATE], eventually)


@pytest.mark.requirement("security.ssrf-refused", "loopback")
def test_a_test_message_reaches_the_network_no_further(account: Account, canary: Canary) -> None:
    """Trying a channel out does not reach loopback either."""
    for url in loopback_urls(canary.port)[:6]:
        answer = account.client.post("/api/hub/channels/webhook/test", json={"to": url})
        delivered = answer.is_success and answer.json().get("delivered")
        assert not delivered, f"a test message to {url} was delivered: {shown(answer)}"

    canary.check_silent("a test message to a loopback address")


@pytest.mark.requirement("security.ssrf-refused", "redirect")
def test_a_redirect_into_the_network_is_not_followed(
    hub: Hub, receiver: Receiver, canary: Canary, eventually: Eventually
) -> None:
    """A receiver that redirects to a loopback address is not followed there."""
    receiver.answers("redirect", location=f"http://127.0.0.1:{canary.port}/inside")
    message = hub.send(receiver, max_attempts=1)

    def tried() -> None:
        assert receiver.deliveries(), "the receiver was not called"
        assert hub.read(message["id"])["history"], "the attempt is not on record"

    eventually(tried, within=15.0)  # an attempt that hangs where it was sent on to ends after ten
    canary.check_silent("a redirect")
    assert hub.read(message["id"])["state"] != "delivered", "a redirected delivery counts as delivered"
