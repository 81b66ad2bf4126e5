"""Passwords: which ones are refused, and argon2id in a bounded pool beside the event loop."""

import asyncio
import os
import re
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib import resources
from typing import Protocol, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from reference_impl.auth.errors import HashingBusy, WeakPassword

T = TypeVar("T")
MINIMUM_LENGTH = 15
MAXIMUM_LENGTH = 1024
_SERVICE_WORDS = frozenset({"core-harness", "coreharness", "core-reference", "corereference", "password"})
_SHORTEST_WORD = 4
_LEAST_REMAINDER = 8
_LEAST_DIFFERENT = 4  # the published schema says the same
_MEMORY_KIB, _PASSES, _LANES = 19 * 1024, 2, 1  # what OWASP asks of argon2id at least


PasswordBytes = Callable[[str], bytes]


def whole(password: str) -> bytes:
    """The whole password in one Unicode form, so that every keyboard types the same bytes; never cut."""
    return unicodedata.normalize("NFC", password).encode("utf-8")


class PasswordRules(Protocol):
    """Says why a password is refused; None when it is not."""

    def objection(self, password: str, email: str) -> str | None: ...


@cache
def common_passwords() -> frozenset[str]:
    """The list that ships with the service, folded for comparison."""
    text = resources.files("reference_impl.auth").joinpath("common_passwords.txt").read_text("utf-8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))


def fold(password: str) -> str:
    """The form in which passwords are compared with lists: no case, no spaces, one Unicode form."""
    return "".join(unicodedata.normalize("NFC", password).casefold().split())


class OfflineRules:
    """Length, a list of common passwords, and words that anybody would guess; no composition rules."""

    def objection(self, password: str, email: str) -> str | None:
        if len(password) < MINIMUM_LENGTH:
            return f"it needs at least {MINIMUM_LENGTH} characters"
        folded = fold(password)
        if len(set(password)) < _LEAST_DIFFERENT:
            return "it repeats the same few characters"
        if folded in common_passwords():
            return "it is on the list of common passwords"
        if len(_without_guessable_words(folded, email)) < _LEAST_REMAINDER:
            return "it is little more than your e-mail address or the name of this service"
        return None


def _without_guessable_words(folded: str, email: str) -> str:
    local, _, domain = email.casefold().partition("@")
    pieces = re.split(r"[^a-z0-9]+", local)
    words = {email.casefold(), local, "".join(pieces), *pieces, domain, domain.partition(".")[0]}
    guessable = (word for word in words | _SERVICE_WORDS if len(word) >= _SHORTEST_WORD)
    for word in sorted(guessable, key=len, reverse=True):
        folded = folded.replace(fold(word), "")
    return folded


def check(rules: PasswordRules, password: str, email: str) -> None:
    """Raise WeakPassword with the reason when the rules object."""
    reason = rules.objection(password, email)
    if reason is not None:
        raise WeakPassword(reason)


class Argon2Pool:
    """Hashes off the loop in as many threads as there are cores; a full queue is refused at once."""

    def __init__(
        self,
        *,
        slots: int | None = None,
        queue: int = 64,
        hasher: PasswordHasher | None = None,
        read: PasswordBytes = whole,
    ) -> None:
        self._read = read
        self._hasher = hasher or PasswordHasher(
            time_cost=_PASSES, memory_cost=_MEMORY_KIB, parallelism=_LANES
        )
        self._slots = slots or os.cpu_count() or 1
        self._limit = self._slots + queue
        self._taken = 0
        self._threads = ThreadPoolExecutor(max_workers=self._slots, thread_name_prefix="argon2")
        self._nobody = self._hasher.hash(os.urandom(16).hex())

    @property
    def nobody(self) -> str:
        """The hash of a password that nobody knows: checking it costs what checking a real one costs."""
        return self._nobody

    async def hash(self, password: str) -> str:
        return await self._run(lambda: self._hasher.hash(self._read(password)))

    async def matches(self, password_hash: str, password: str) -> bool:
        return await self._run(lambda: self._matches(password_hash, password))

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _matches(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, self._read(password))
        except (VerifyMismatchError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        if self._taken >= self._limit:
            raise HashingBusy
        self._taken += 1
        # Counted until the thread is done, not until the caller is: a caller that went away still costs.
        future = asyncio.get_running_loop().run_in_executor(self._threads, work)
        future.add_done_callback(self._release)
        return await asyncio.shield(future)

    def _release(self, _future: asyncio.Future[T]) -> None:
        self._taken -= 1
