"""Links in answers lead to the host that a caller claims."""

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import Answer, field_of, harmless_answers, wrong_answers
from reference_impl.kit.asgi import Scope

_PATHS = ("/health/live", "/openapi.json", "/.well-known/jwks.json", "/auth/me")


def _has_link(scope: Scope) -> bool:
    return scope["type"] == "http" and scope["method"] == "GET" and scope["path"] in _PATHS


def _linked(answer: Answer, host: str) -> Answer:
    return answer.headed(b"link", f'<http://{host}/openapi.json>; rel="service-desc"'.encode("latin-1"))


def _to_claimed(scope: Scope, answer: Answer) -> Answer:
    claimed = field_of(scope, b"x-forwarded-host")
    return _linked(answer, claimed) if claimed else answer


def _to_asked(scope: Scope, answer: Answer) -> Answer:
    return _linked(answer, field_of(scope, b"host") or "127.0.0.1")


DEFECT = Defect(
    id="forwarded-host-believed",
    family="owasp-api",
    title="Links in answers lead to the host that a caller claims.",
    breaks=("security.forwarded-host-not-trusted",),
    apply=wrong_answers(_has_link, _to_claimed),
    twin=harmless_answers(_has_link, _to_asked),
)
