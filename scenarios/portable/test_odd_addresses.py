"""An address that no client would write on purpose is refused, and never breaks anything."""

from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from harness.layers.scenarios.expect import shown
from harness.layers.scenarios.reads import Read, ask, integers_in_query
from harness.layers.scenarios.signals import Inconclusive

_NOT_A_NUMBER = ("abc", "1e400", "9" * 40, "-9223372036854775809", "%00", "١٢")
_MOST_READS = 4


def odd_addresses(read: Read) -> Iterator[str]:
    """Yield odd spellings of a read: long, repeated, broken and hostile, all of them harmless."""
    joint = "&" if "?" in read.path else "?"
    yield f"{read.path}{joint}q={'a' * 9000}"
    yield f"{read.path}{joint}a=1&a=2&a[]=3&a[b]=4"
    yield f"{read.path}{joint}q=%00"
    yield f"{read.path}{joint}q=%ff%fe"
    yield f"{read.path}{joint}%zz=%"
    yield f"{read.path}{joint}q=%F0%9F%92%A9%E2%80%AE"
    plain = read.path.partition("?")[0].rstrip("/")
    yield f"{plain}/{'b' * 6000}"
    yield f"{plain}/%2e%2e/%2e%2e/x-7f3a9c"
    yield f"{plain}/%00"


@pytest.mark.requirement("errors.odd-addresses-answered")
def test_an_odd_address_is_no_server_error(
    identified: httpx.Client, readable: tuple[Read, ...], document: Mapping[str, Any]
) -> None:
    """Long, repeated, broken and non-numeric parameters are answered, and not with 5xx."""
    answered = 0
    for read in readable[:_MOST_READS]:
        for address in (*odd_addresses(read), *_wrong_numbers(read, document)):
            answer = ask(identified, "GET", address)
            if answer is None or answer.status_code == 503:
                continue
            answered += 1
            said = address if len(address) < 120 else f"{address[:100]}… ({len(address)} characters)"
            assert answer.status_code < 500, f"GET {said} answered {answer.status_code}: {shown(answer)}"
    if not answered:
        raise Inconclusive("no-answer", "No odd address was answered.")


def _wrong_numbers(read: Read, document: Mapping[str, Any]) -> Iterator[str]:
    if read.operation is None:
        return
    for name, _ in integers_in_query(read.operation, document):
        for value in _NOT_A_NUMBER:
            address = httpx.URL(read.path)
            if value.startswith("%"):
                yield f"{read.path.partition('?')[0]}?{name}={value}"
            else:
                yield str(address.copy_merge_params({name: value}))
