"""Whoever names a user in a header is taken for the last one who signed in."""

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.permissions import copied, taken_for_the_last
from reference_impl.defects.rewriting import field_of
from reference_impl.kit.asgi import Scope


def _names_a_user(scope: Scope) -> bool:
    return field_of(scope, b"x-remote-user") != ""


DEFECT = Defect(
    id="proxy-user-believed",
    family="owasp-api",
    title="Whoever names a user in a header is taken for the last one who signed in.",
    breaks=("security.authentication-not-evaded",),
    apply=taken_for_the_last(_names_a_user),
    twin=copied(_names_a_user),
)
