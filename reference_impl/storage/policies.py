"""The decisions of storage as small named objects, so that each can be replaced alone."""

from dataclasses import dataclass
from typing import Protocol

from reference_impl.kit.access import Principal
from reference_impl.kit.conditional import strong_match, weak_match
from reference_impl.storage.errors import ConditionFailed
from reference_impl.storage.models import Conditions, Entry, Reach


class Ownership(Protocol):
    """Whose objects a caller may see and change."""

    def reach(self, principal: Principal) -> Reach: ...

    def permits(self, principal: Principal, entry: Entry) -> bool: ...


class OwnObjectsOnly:
    """Every caller has a space of keys of its own."""

    def reach(self, principal: Principal) -> Reach:
        return Reach(tenant=principal.tenant, owner=principal.subject)

    def permits(self, principal: Principal, entry: Entry) -> bool:
        return (entry.tenant, entry.owner) == (principal.tenant, principal.subject)


class WriteConditions(Protocol):
    """Raises ConditionFailed when a write must not happen over the current state."""

    def __call__(self, conditions: Conditions, current: Entry | None) -> None: ...


def check_conditions(conditions: Conditions, current: Entry | None) -> None:
    """If-Match names the current state; If-None-Match names it not, and `*` means that there is none."""
    if conditions.if_match is not None and (
        current is None or not strong_match(conditions.if_match, current.etag)
    ):
        raise ConditionFailed
    if (
        conditions.if_none_match is not None
        and current is not None
        and weak_match(conditions.if_none_match, current.etag)
    ):
        raise ConditionFailed


class Checksum(Protocol):
    """Raises DigestMismatch when content is not what the request says it is."""

    def __call__(self, named: tuple[bytes, ...], actual: bytes) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StoragePolicies:
    """The decisions in force."""

    ownership: Ownership
    conditions: WriteConditions
    checksum: Checksum
