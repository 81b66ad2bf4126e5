"""HEAD says that there are no bytes where GET gives some."""

from reference_impl.defects.heads import harmless_heads, saying, without, wrong_heads
from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.exchange import Exchange, HeaderList


def _nothing(exchange: Exchange, status: int, headers: HeaderList) -> HeaderList | None:
    return saying(headers, b"content-length", b"0") if exchange.method == "HEAD" and status == 200 else None


def _untold(exchange: Exchange, status: int, headers: HeaderList) -> HeaderList | None:
    """HEAD may leave out what is only known when the content is made (RFC 9110 9.3.2)."""
    return without(headers, b"content-length") if exchange.method == "HEAD" and status == 200 else None


DEFECT = Defect(
    id="head-of-another-length",
    family="rest-semantics",
    title="HEAD says that there are no bytes where GET gives some.",
    breaks=("http.head-equals-get",),
    apply=wrong_heads(_nothing),
    twin=harmless_heads(_untold),
)
