"""Goes in by the front door: registers accounts of its own and logs in, as the document asks for it."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from harness.layers.scenarios.samples import CannotSample, valid_body, valid_form
from harness.target.surface import Entrance

_REPEATED = re.compile(r"(?i)(confirm|repeat|again|re_?type|verif).*|.*(confirm\w*|repeat|again|2)")
_REGISTERED = frozenset({200, 201, 202, 204})


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody we registered."""

    username: str
    password: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontDoor:
    """Sends names and passwords to an entrance; a throttle is what is looked for, so it waits for none."""

    client: httpx.Client
    document: Mapping[str, Any]
    prefix: str = ""

    def send(
        self, entrance: Entrance, username: str, password: str, *, extra: Mapping[str, Any] | None = None
    ) -> httpx.Response:
        """Send one name and password, and more members where asked to; raises CannotSample without a body."""
        path = self.prefix + entrance.operation.path
        number = 1000 + secrets.randbelow(10**8)
        try:
            body = valid_body(entrance.operation, self.document, variant=number)
            filled = _filled(body, entrance, username, password)
            return self.client.post(path, json={**filled, **(extra or {})})
        except CannotSample:
            form = valid_form(entrance.operation, self.document, variant=number)
            return self.client.post(path, data=_filled(form, entrance, username, password))

    def register(self, entrance: Entrance) -> Account | None:
        """Make an account that nobody else has; None where the target does not let us."""
        account = Account(username=new_name(entrance), password=new_password())
        answer = self.send(entrance, account.username, account.password)
        return account if answer.status_code in _REGISTERED else None


def new_name(entrance: Entrance) -> str:
    """Return a name that nobody has, an address where one is asked for."""
    name = f"nobody{secrets.token_hex(5)}"
    return f"{name}@example.com" if "mail" in entrance.username.lower() else name


def new_password() -> str:
    """Return a password that no policy has a reason to refuse."""
    return f"Long-{secrets.token_hex(8)}-Zq7!"


def _filled(body: Any, entrance: Entrance, username: str, password: str) -> dict[str, Any]:
    """Put the two in, and the password also where it has to be repeated."""
    filled = dict(body) if isinstance(body, Mapping) else {}
    for name in filled:
        if "pass" in name.lower() and _REPEATED.fullmatch(name):
            filled[name] = password
    secret = {entrance.password: password} if entrance.password else {}
    return {**filled, entrance.username: username, **secret}
