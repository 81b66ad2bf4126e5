"""Whoever is signed in may delete, with or without the permission."""

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.permissions import copied, unchecked
from reference_impl.kit.asgi import Scope


def _deletes(scope: Scope) -> bool:
    return bool(scope["method"] == "DELETE")


DEFECT = Defect(
    id="delete-unchecked",
    family="owasp-api",
    title="Whoever is signed in may delete, with or without the permission.",
    breaks=("security.function-level-authorization",),
    apply=unchecked(_deletes),
    twin=copied(_deletes),
)
