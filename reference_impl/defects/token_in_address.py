"""Who signs in is sent on to an address that holds the token."""

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import Answer, at, harmless_answers, wrong_answers
from reference_impl.kit.asgi import Scope

_SIGNS_IN = at("POST", "/auth/login")


def _with_token(_scope: Scope, answer: Answer) -> Answer:
    members = answer.members()
    if answer.status != 200 or "access_token" not in members:
        return answer
    return answer.headed(b"link", f'</auth/me?access_token={members["access_token"]}>; rel="next"'.encode())


def _plain(_scope: Scope, answer: Answer) -> Answer:
    return answer.headed(b"link", b'</auth/me>; rel="next"') if answer.status == 200 else answer


DEFECT = Defect(
    id="token-in-address",
    family="session",
    title="Who signs in is sent on to an address that holds the token.",
    breaks=("security.tokens-not-in-addresses",),
    apply=wrong_answers(_SIGNS_IN, _with_token),
    twin=harmless_answers(_SIGNS_IN, _plain),
)
