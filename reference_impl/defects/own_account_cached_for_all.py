"""Caches that others share may keep what somebody's own account is answered with."""

from reference_impl.defects.heads import harmless_heads, saying, wrong_heads
from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.exchange import Exchange, HeaderList


def _cached(value: bytes, exchange: Exchange, status: int, headers: HeaderList) -> HeaderList | None:
    if exchange.path != "/auth/me" or status != 200:
        return None
    return saying(headers, b"cache-control", value)


def _for_all(exchange: Exchange, status: int, headers: HeaderList) -> HeaderList | None:
    return _cached(b"public, max-age=60", exchange, status, headers)


def _for_its_reader(exchange: Exchange, status: int, headers: HeaderList) -> HeaderList | None:
    return _cached(b"private, max-age=5", exchange, status, headers)


DEFECT = Defect(
    id="own-account-cached-for-all",
    family="owasp-api",
    title="Caches that others share may keep what somebody's own account is answered with.",
    breaks=("security.private-answers-not-shared",),
    apply=wrong_heads(_for_all),
    twin=harmless_heads(_for_its_reader),
)
