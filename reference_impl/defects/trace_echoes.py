"""TRACE gives back the headers of a request."""

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import Answer, harmless_pages, page, wrong_pages
from reference_impl.kit.asgi import Scope


def _is_trace(scope: Scope) -> bool:
    return bool(scope["type"] == "http" and scope["method"] == "TRACE")


def _echoed(scope: Scope) -> Answer:
    fields = "".join(f"{name.decode()}: {value.decode('latin-1')}\n" for name, value in scope["headers"])
    return page(f"TRACE {scope['path']} HTTP/1.1\n{fields}", "message/http")


def _not_implemented(_scope: Scope) -> Answer:
    return page(
        '{"type": "about:blank", "title": "TRACE is not implemented", "status": 501}',
        "application/problem+json",
        501,
    )


DEFECT = Defect(
    id="trace-echoes",
    family="owasp-api",
    title="TRACE gives back the headers of a request.",
    breaks=("security.trace-disabled",),
    apply=wrong_pages(_is_trace, _echoed),
    twin=harmless_pages(_is_trace, _not_implemented),
)
