"""A notification is answered as if it had been a request."""

from dataclasses import replace

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.messages import TO_SERVERS
from reference_impl.defects.rewriting import Answer, harmless_answers, wrong_answers
from reference_impl.kit.asgi import Scope

_ACCEPTED = 202


def _answered(_scope: Scope, answer: Answer) -> Answer:
    return replace(answer, status=200, body=b"{}") if answer.status == _ACCEPTED else answer


def _uncached(_scope: Scope, answer: Answer) -> Answer:
    return answer.headed(b"cache-control", b"no-cache, no-store") if answer.status == _ACCEPTED else answer


DEFECT = Defect(
    id="mcp-notification-answered",
    family="mcp",
    title="A notification is answered as if it had been a request.",
    breaks=("mcp.transport-rules-kept",),
    apply=wrong_answers(TO_SERVERS, _answered),
    twin=harmless_answers(TO_SERVERS, _uncached),
)
