"""An access token is read from the query string where there is none in the header."""

from urllib.parse import parse_qs

from reference_impl.defects.acceptance import suspect, watch
from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.identity import CredentialsPolicy
from reference_impl.kit.asgi import Scope
from reference_impl.kit.policies import PolicyTable, Probe

_NAME = "access_token"


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: CredentialsPolicy = policies["gateway.credentials"]

    def header_or_query(scope: Scope) -> str | None:
        given = right(scope)
        query = parse_qs(scope["query_string"].decode("latin-1"))
        if given is not None or _NAME not in query:
            return given
        probe.reached()
        suspect()
        # The route must not see a parameter that it does not know.
        kept = [pair for pair in scope["query_string"].split(b"&") if not pair.startswith(b"access_token=")]
        scope["query_string"] = b"&".join(kept)
        return f"Bearer {query[_NAME][0]}"

    policies.replace("gateway.credentials", header_or_query)
    watch(policies, probe)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """Blanks around the header's value mean nothing (RFC 9110 5.5)."""
    right: CredentialsPolicy = policies["gateway.credentials"]

    def trimmed(scope: Scope) -> str | None:
        given = right(scope)
        probe.reached()
        return None if given is None else given.strip()

    policies.replace("gateway.credentials", trimmed)


DEFECT = Defect(
    id="token-in-query-accepted",
    family="jwt",
    title="An access token in the query string is accepted.",
    breaks=("auth.token-only-in-header", "security.token-not-taken-from-query"),
    apply=_apply,
    twin=_twin,
)
