"""Signs identities in on a running instance; on a fresh launch it registers them and gives them roles."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from harness.core.redaction import Redactor
from harness.core.target import CredentialKind, Grant, Identity, Login
from harness.target.asking import client_of
from harness.target.instance import Session

#: A sign-up is fine when it is taken already: an attached target keeps its users.
_REGISTERED = frozenset({200, 201, 202, 204, 409})


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Who is signed in, and for everybody else why not."""

    sessions: Mapping[str, Session]
    problems: tuple[str, ...]


class CannotSignIn(Exception):
    """An answer that is no sign-in; it becomes one of `SignedIn.problems`."""


def sign_in_all(
    identities: Sequence[Identity],
    url: str,
    redactor: Redactor,
    *,
    is_fresh: bool,
    client_for: Callable[[str], httpx.Client] = client_of,
) -> SignedIn:
    """Sign everybody in; who grants roles comes first. `is_fresh` registers people and grants roles."""
    granting = {item.login.grant.by for item in identities if item.login and item.login.grant}
    ordered = sorted(identities, key=lambda item: item.name not in granting)
    sessions: dict[str, Session] = {}
    problems: list[str] = []
    with client_for(url) as client:
        for identity in ordered:
            entrance = _Entrance(client, identity, redactor, sessions)
            try:
                sessions[identity.name] = entrance.sign_in(is_fresh=is_fresh)
            except (CannotSignIn, httpx.HTTPError) as problem:
                problems.append(redactor.text(f"{identity.name} cannot sign in: {problem}"))
    order = [item.name for item in identities]
    return SignedIn(
        sessions={name: sessions[name] for name in order if name in sessions}, problems=tuple(problems)
    )


def first_credential(sessions: Mapping[str, Session]) -> Mapping[str, str]:
    """Return the header fields of whoever is signed in first, none where nobody is."""
    return next((item.headers for item in sessions.values()), {})


def standing_credential(identities: Sequence[Identity]) -> Mapping[str, str]:
    """Return the header fields of the first identity that needs no sign-in, none where there is none."""
    for identity in identities:
        if identity.secret and identity.kind is not CredentialKind.PASSWORD:
            is_bearer = identity.kind is CredentialKind.BEARER
            return {identity.header: f"Bearer {identity.secret}" if is_bearer else identity.secret}
    return {}


def sign_in_again(
    identity: Identity, url: str, redactor: Redactor, client_for: Callable[[str], httpx.Client]
) -> Session | None:
    """Sign somebody in once more on a target that knows them already; None when that is refused."""
    try:
        with client_for(url) as client:
            return _Entrance(client, identity, redactor, {}).sign_in(is_fresh=False)
    except (CannotSignIn, httpx.HTTPError):
        return None


class _Entrance:
    """One identity's way in."""

    def __init__(
        self, client: httpx.Client, identity: Identity, redactor: Redactor, others: Mapping[str, Session]
    ) -> None:
        self._client = client
        self._identity = identity
        self._redactor = redactor
        self._others = others

    def sign_in(self, *, is_fresh: bool) -> Session:
        """Return the session; raises CannotSignIn naming the answer that was wrong."""
        identity = self._identity
        if not identity.secret:
            raise CannotSignIn("its secret is empty; set the variable that the target file names")
        self._redactor.learn(identity.secret)
        match identity.kind:
            case CredentialKind.BEARER:
                return self._session({identity.header: f"Bearer {identity.secret}"}, "")
            case CredentialKind.API_KEY:
                return self._session({identity.header: identity.secret}, "")
            case CredentialKind.PASSWORD:
                assert identity.login is not None
                return self._by_password(identity.login, is_fresh=is_fresh)

    def _by_password(self, login: Login, *, is_fresh: bool) -> Session:
        if is_fresh and login.register_path:
            self._register(login)
        session = self._log_in(login)
        grant = login.grant
        if is_fresh and grant is not None and self._identity.role and grant.by != self._identity.name:
            self._grant(grant, session)
            session = self._log_in(login)  # a token may carry the roles of the moment it was made
        return session

    def _register(self, login: Login) -> None:
        answer = self._client.post(login.register_path, json=self._filled(login.register_body))
        if answer.status_code not in _REGISTERED:
            raise CannotSignIn(_said(answer))

    def _log_in(self, login: Login) -> Session:
        body = self._filled(login.body)
        answer = self._client.post(
            login.path, data=body if login.is_form else None, json=None if login.is_form else body
        )
        if login.cookie:
            return self._by_cookie(login, answer)
        if answer.status_code >= 300:
            raise CannotSignIn(_said(answer))
        document = _document(answer)
        token = _member(document, login.token)
        if not token:
            raise CannotSignIn(f"{_said(answer)}, without a member {login.token!r}")
        self._redactor.learn(token)
        headers = {self._identity.header: f"Bearer {token}"}
        return self._session(headers, self._subject(login, document, headers))

    def _by_cookie(self, login: Login, answer: httpx.Response) -> Session:
        """A session cookie comes with a page or with a redirect to one."""
        value = answer.cookies.get(login.cookie)
        self._client.cookies.clear()  # the next identity is somebody else
        if answer.status_code >= 400 or not value:
            raise CannotSignIn(f"{_said(answer)}, without the cookie {login.cookie!r}")
        self._redactor.learn(value)
        headers = {"Cookie": f"{login.cookie}={value}"}
        return self._session(headers, self._subject(login, {}, headers))

    def _subject(self, login: Login, document: object, headers: Mapping[str, str]) -> str:
        if not login.subject:
            return ""
        if login.whoami:
            answer = self._client.get(login.whoami, headers=dict(headers))
            if answer.status_code != 200:
                raise CannotSignIn(_said(answer))
            document = _document(answer)
        return _member(document, login.subject)

    def _grant(self, grant: Grant, session: Session) -> None:
        by = self._others.get(grant.by)
        if by is None:
            raise CannotSignIn(f"{grant.by}, who gives the role {self._identity.role!r}, is not signed in")
        values = {
            "subject": session.subject,
            "username": self._identity.username,
            "role": self._identity.role,
        }
        headers = dict(by.headers)
        if grant.etag_path:
            headers["If-Match"] = self._etag(_replaced(grant.etag_path, values), headers)
        answer = self._client.request(
            grant.method,
            _replaced(grant.path, values),
            json=json.loads(_replaced(grant.body, values)),
            headers=headers,
        )
        if answer.status_code >= 300:
            raise CannotSignIn(f"its role {self._identity.role!r} was not given: {_said(answer)}")

    def _etag(self, path: str, headers: Mapping[str, str]) -> str:
        answer = self._client.get(path, headers=dict(headers))
        if answer.status_code != 200 or "etag" not in answer.headers:
            raise CannotSignIn(f"no ETag to give its role with: {_said(answer)}")
        return answer.headers["etag"]

    def _filled(self, body: Mapping[str, str]) -> dict[str, str]:
        values = {"username": self._identity.username, "secret": self._identity.secret}
        return {name: _replaced(text, values) for name, text in body.items()}

    def _session(self, headers: Mapping[str, str], subject: str) -> Session:
        return Session(
            name=self._identity.name,
            role=self._identity.role,
            headers=headers,
            username=self._identity.username,
            subject=subject,
        )


def _replaced(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def _document(answer: httpx.Response) -> object:
    try:
        return answer.json()
    except ValueError as problem:
        raise CannotSignIn(f"{_said(answer)}, which is no JSON") from problem


def _member(document: Any, dotted: str) -> str:
    for name in dotted.split("."):
        if not isinstance(document, dict):
            return ""
        document = document.get(name)
    return "" if document is None else str(document)


def _said(answer: httpx.Response) -> str:
    request = answer.request
    text = " ".join(answer.text[:200].split())
    return f"{request.method} {request.url.path} answered {answer.status_code}: {text}"
