"""A page for developers shows the state of the process to everybody."""

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import Answer, at, harmless_pages, page, wrong_pages
from reference_impl.kit.asgi import Scope

_VARIABLES = at("GET", "/debug/vars")


def _open(_scope: Scope) -> Answer:
    return page('{"cmdline": ["core-reference"], "memstats": {"Alloc": 4194304}}', "application/json")


def _closed(_scope: Scope) -> Answer:
    closed = page(
        '{"type": "about:blank", "title": "Valid credentials are needed", "status": 401}',
        "application/problem+json",
        401,
    )
    return closed.headed(b"www-authenticate", b'Bearer realm="operators"')


DEFECT = Defect(
    id="debug-variables-open",
    family="owasp-api",
    title="A page for developers shows the state of the process to everybody.",
    breaks=("security.debug-pages-closed",),
    apply=wrong_pages(_VARIABLES, _open),
    twin=harmless_pages(_VARIABLES, _closed),
)
