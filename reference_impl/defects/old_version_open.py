"""Paths of the old version are open to strangers."""

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.permissions import copied, taken_for_the_last
from reference_impl.gateway.exchange import exchange_of
from reference_impl.kit.asgi import Scope


def _is_old(scope: Scope) -> bool:
    return exchange_of(scope).path.startswith("/v1/")


DEFECT = Defect(
    id="old-version-open",
    family="owasp-api",
    title="Paths of the old version are open to strangers.",
    breaks=("security.old-versions-guarded",),
    apply=taken_for_the_last(_is_old),
    twin=copied(_is_old),
)
