"""Watches over the credentials of a layer: one that dies is noticed, and renewed where that is possible.

A credential is watched by an operation that it opened right after the sign-in: `whoami`, or a declared read
that wants one. That is asked again when many 401 come in a row, and at the end when the last answer was one;
what comes is recorded with the step `vigil:<identity>`, so that whoever scores knows when it was dead.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence

import httpx

from harness.core.errors import HarnessProblem
from harness.core.operation import Operations
from harness.core.target import CredentialKind, Identity
from harness.core.vigil import STEP
from harness.target.instance import Session
from harness.target.recording import Recording

#: So many 401 in a row raise the suspicion that the credential is dead.
_SUSPICIOUS = 5
_LOOK_SECONDS = 1.0
_REFUSED = frozenset({401, 403})
_SECONDS = 10.0
_MOST_CANDIDATES = 2

SignInAgain = Callable[[Identity], Session | None]


class Vigil:
    """Watches in a thread of its own until it is stopped."""

    def __init__(
        self,
        recording: Recording,
        sessions: Mapping[str, Session],
        identities: Sequence[Identity],
        operations: Operations,
        sign_in_again: SignInAgain,
    ) -> None:
        self._recording = recording
        self._sessions = dict(sessions)
        self._identities = {item.name: item for item in identities}
        self._operations = operations
        self._sign_in_again = sign_in_again
        self._watched: dict[str, str] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="vigil", daemon=True)

    def start(self) -> None:
        """Find an operation for each credential, and begin to watch."""
        for name, session in self._sessions.items():
            login = self._identities[name].login
            if login is not None and login.whoami and session.subject:
                self._watched[name] = login.whoami  # it answered when the subject was read
                continue
            for path in self._candidates(name):
                if 200 <= self._ask(name, path) < 300:
                    self._watched[name] = path
                    break
        if self._watched:
            self._thread.start()

    def stop(self) -> None:
        """Ask for the last time, and end."""
        if not self._watched:
            return
        self._over.set()
        self._thread.join()
        for name, path in self._watched.items():
            if self._refusals().get(name):
                self._ask(name, path)

    def revive(self) -> None:
        """Renew the credentials that are dead by now, however few refusals they met."""
        for name, path in self._watched.items():
            if self._ask(name, path) in _REFUSED:
                self._renew(name, path)

    def _candidates(self, name: str) -> Iterator[str]:
        """Yield paths below the recorder's URL that the credential should open."""
        login = self._identities[name].login
        if login is not None and login.whoami:
            yield login.whoami
            return
        secured = (
            self._operations.prefix + item.path
            for item in self._operations
            if item.method == "GET" and item.is_secured and "{" not in item.path
        )
        for _, path in zip(range(_MOST_CANDIDATES), secured, strict=False):
            yield path

    def _run(self) -> None:
        while not self._over.wait(_LOOK_SECONDS):
            refusals = self._refusals()
            for name, path in self._watched.items():
                if refusals.get(name, 0) >= _SUSPICIOUS and self._ask(name, path) in _REFUSED:
                    self._renew(name, path)

    def _refusals(self) -> Mapping[str, int]:
        try:
            refusals: Mapping[str, int] = self._recording.counters()["refusals"]
        except HarnessProblem:
            return {}  # the recorder is gone, and so is what there was to watch
        return refusals

    def _renew(self, name: str, path: str) -> None:
        identity = self._identities[name]
        if identity.kind is not CredentialKind.PASSWORD:
            return
        fresh = self._sign_in_again(identity)
        if fresh is not None:
            self._recording.renew(name, self._sessions[name].headers, fresh.headers)
            self._ask(name, path)

    def _ask(self, name: str, path: str) -> int:
        """Return the status, 0 when there was no answer; the recorder puts a renewed credential in."""
        headers = {**self._sessions[name].headers, "Harness-Step": f"{STEP}{name}"}
        try:
            with httpx.Client(base_url=self._recording.url, timeout=_SECONDS, trust_env=False) as client:
                return client.get(path, headers=headers).status_code
        except httpx.HTTPError:
            return 0
