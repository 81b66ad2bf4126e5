"""The decisions of chapter extraction as small named objects, so that each can be replaced alone."""

from dataclasses import dataclass
from typing import Protocol

from reference_impl.chapters.models import Reach
from reference_impl.chapters.paging import PageBounds, PageInfoPolicy, Paging
from reference_impl.kit.access import Principal


class Ownership(Protocol):
    """Whose documents a caller may see and change."""

    def reach(self, principal: Principal) -> Reach: ...

    def permits(self, principal: Principal, *, owner: str, tenant: str) -> bool: ...


class OwnDocumentsOnly:
    """A caller reaches its own documents and nobody else's."""

    def reach(self, principal: Principal) -> Reach:
        return Reach(tenant=principal.tenant, owner=principal.subject)

    def permits(self, principal: Principal, *, owner: str, tenant: str) -> bool:
        return (tenant, owner) == (principal.tenant, principal.subject)


class MutationPermission(Protocol):
    """Whether a caller may run mutations."""

    def __call__(self, principal: Principal) -> bool: ...


def needs_write(principal: Principal) -> bool:
    """Mutations change documents."""
    return principal.may("chapters:write")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChapterPolicies:
    """The decisions in force."""

    ownership: Ownership
    mutation_permission: MutationPermission
    paging: Paging
    page_info: PageInfoPolicy
    page_bounds: PageBounds
