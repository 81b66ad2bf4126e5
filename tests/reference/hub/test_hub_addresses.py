"""The SSRF guard of the webhook channel."""

from collections.abc import Sequence

import pytest
import respx

from reference_impl.hub.addresses import AddressGuard
from reference_impl.hub.errors import RecipientRefused
from reference_impl.hub.models import State
from tests.reference.hub.conftest import ALICE, Hub, resolve

guard = AddressGuard(resolve=resolve, allow=frozenset({"127.0.0.1:9999"}))


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://10.1.2.3/",
        "https://172.16.0.1/",
        "https://192.168.1.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://100.64.0.1/",
        "https://224.0.0.1/",
        "https://0.0.0.0/",
        "https://[::1]/",
        "https://[fc00::1]/",
        "https://[fe80::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://999.999.999.999/",
        "https://receiver.example.com./",
        "https://localhost/",
        "https://db.localhost/",
        "https://vault.internal/",
        "https://user:pass@receiver.example.com/",
        "https://receiver.example.com/#x",
        "https://receiver.example.com:22/",
        "http://receiver.example.com/",
        "ftp://receiver.example.com/",
        "https://receiver.example.com\\@127.0.0.1/",
        "https://127.0.0.1:9998/",
        "https:///hooks",
        "https://[::1/",
        "https://exa mple.com/",
        "//receiver.example.com/",
    ],
)
def test_what_a_webhook_must_not_reach_is_refused_at_the_door(url: str) -> None:
    with pytest.raises(RecipientRefused):
        guard.check_url(url)


@pytest.mark.parametrize(
    "url", ["https://receiver.example.com/", "https://93.184.215.14:8443/x?y=z", "http://127.0.0.1:9999/hook"]
)
def test_public_https_and_what_the_operator_lists_pass(url: str) -> None:
    assert guard.check_url(url).url.geturl() == url


@pytest.mark.parametrize("host", ["inside.example.com", "half.example.com", "unknown.example.com"])
@respx.mock
async def test_a_name_with_any_address_inside_is_never_connected_to(hub: Hub, host: str) -> None:
    sent = await hub.send(recipient=f"https://{host}/")

    await hub.work()

    view = await hub.service.get(ALICE, sent.message.id)
    assert view.message.state is State.DEAD
    assert respx.calls.call_count == 0
    assert view.reason is not None
    assert "10.0.0.7" not in view.reason


@respx.mock
async def test_the_name_is_looked_up_once_and_the_checked_address_is_connected_to() -> None:
    answers = [("93.184.215.14",), ("127.0.0.1",)]

    async def rebinding(host: str, port: int) -> Sequence[str]:
        return answers.pop(0)

    rebound = AddressGuard(resolve=rebinding)

    address = await rebound.address(rebound.check_url("https://receiver.example.com/"))

    assert address == "93.184.215.14"
    assert len(answers) == 1
