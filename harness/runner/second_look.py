"""Before an instance is stopped, asks again for what judges would call a fail from a single exchange.

A read is asked again of any target; anything else only of one that was launched for us and is thrown away.
"""

from collections.abc import Iterable, Iterator, Mapping

import httpx

from harness.core.exchange import Exchange
from harness.core.layer import Layer
from harness.core.redaction import PLACEHOLDER
from harness.evidence.gate import Policy
from harness.evidence.store import RunFolder
from harness.judges.confirming import STEP, seen_once
from harness.judges.judging import judge_all
from harness.judges.protocol import Recorded
from harness.target.asking import forgetful
from harness.target.instance import Instance

_READS = frozenset({"GET", "HEAD"})
_MOST = 60
_SECONDS = 10.0
_LEFT_OUT = frozenset(
    {
        "host",
        "connection",
        "content-length",
        "transfer-encoding",
        "accept-encoding",
        "harness-step",
        "te",
        "upgrade",
    }
)


def look_again(instance: Instance, layer: Layer, folder: RunFolder) -> None:
    """Ask again; what comes is recorded with the step `confirm:<exchange>` and judged with all else."""
    if layer is Layer.LOAD:
        return  # nothing records there
    exchanges = {item.id: item for item in folder.read_exchanges() if item.layer is layer}
    recorded = Recorded(
        exchanges=tuple(exchanges.values()),
        operations=instance.operations,
        openapi=instance.openapi_document,
        base_url=instance.direct_url,
        dependencies=[item.name for item in instance.target.dependencies],
    )
    alone = (exchanges[name] for name in seen_once(judge_all(recorded)) if name in exchanges)
    wanted = [item for item in alone if may_be_repeated(item, instance)][:_MOST]
    if not wanted:
        return
    instance.revive()  # scenarios move the clock and end sessions, and a refusal shows nothing of the finding
    origin = "/".join(instance.base_url.split("/", 3)[:3])
    with httpx.Client(base_url=origin, timeout=_SECONDS, trust_env=False, cookies=forgetful()) as client:
        for item in wanted:
            _ask(client, item, instance)


def may_be_repeated(exchange: Exchange, instance: Instance) -> bool:
    """Whether a request can be sent once more as it was, and whether that does no harm."""
    request = exchange.request
    if exchange.step.startswith(STEP) or exchange.fault_active:
        return False
    policy = Policy(never=instance.target.never, prefix=instance.operations.full_prefix)
    if policy.names_never(request.method, request.target):
        return False
    is_harmless = request.method in _READS or instance.target.is_launched
    is_whole = not (request.is_truncated or request.body_is_base64)
    has_secret = PLACEHOLDER.search(f"{request.target} {request.body or ''}") is not None
    return is_harmless and is_whole and not has_secret


def _ask(client: httpx.Client, exchange: Exchange, instance: Instance) -> None:
    request = exchange.request
    session = instance.sessions.get(exchange.identity)
    headers = list(_as_sent(request.headers, session.headers if session else {}))
    headers.append(("Harness-Step", f"{STEP}{exchange.id}"))
    content = None if request.body is None else request.body.encode()
    try:
        client.request(request.method, request.target, headers=headers, content=content)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        return  # the recorder notes what did not come


def _as_sent(headers: Iterable[tuple[str, str]], own: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Give the identity's own credential in the place of its placeholder; leave out what nobody knows."""
    by_name = {name.lower(): value for name, value in own.items()}
    for name, value in headers:
        if name.lower() in _LEFT_OUT:
            continue
        if PLACEHOLDER.search(value) is None:
            yield name, value
        elif name.lower() in by_name:
            yield name, by_name[name.lower()]
