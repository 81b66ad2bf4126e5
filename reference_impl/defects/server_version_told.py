"""Refusals say which version of which software refused."""

from reference_impl.defects.heads import harmless_heads, saying, wrong_heads
from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.exchange import Exchange, HeaderList


def _with_version(_exchange: Exchange, status: int, headers: HeaderList) -> HeaderList | None:
    return saying(headers, b"server", b"core-reference/2.0.0") if status >= 400 else None


def _by_name(_exchange: Exchange, status: int, headers: HeaderList) -> HeaderList | None:
    return saying(headers, b"server", b"core-reference") if status >= 400 else None


DEFECT = Defect(
    id="server-version-told",
    family="owasp-api",
    title="Refusals say which version of which software refused.",
    breaks=("security.server-version-hidden",),
    apply=wrong_heads(_with_version),
    twin=harmless_heads(_by_name),
)
