"""Paths of the old version ask for no permission."""

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.permissions import copied, unchecked
from reference_impl.gateway.exchange import exchange_of
from reference_impl.kit.asgi import Scope


def _is_old(scope: Scope) -> bool:
    return exchange_of(scope).path.startswith("/v1/")


DEFECT = Defect(
    id="old-version-unchecked",
    family="owasp-api",
    title="Paths of the old version ask for no permission.",
    breaks=("security.function-level-authorization",),
    apply=unchecked(_is_old),
    twin=copied(_is_old),
)
