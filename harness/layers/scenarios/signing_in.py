"""Signs in accounts that were made for it: what happens to their tokens hurts nobody."""

from dataclasses import dataclass

from harness.layers.scenarios.answers import body_of, members
from harness.layers.scenarios.entering import Account, FrontDoor
from harness.layers.scenarios.signals import Inconclusive
from harness.target.surface import Entrance

_TOKENS = (
    "access_token",
    "accessToken",
    "token",
    "session_token",
    "sessionToken",
    "jwt",
    "id_token",
    "auth_token",
)
_LEAST = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """Signs an account of ours in, as often as it is asked."""

    door: FrontDoor
    login: Entrance
    account: Account

    def token(self) -> str:
        """Return the token of one more sign-in."""
        answer = self.door.send(self.login, self.account.username, self.account.password)
        found = dict(reversed(list(members(body_of(answer)))))
        token = next((found[name] for name in _TOKENS if isinstance(found.get(name), str)), "")
        if not answer.is_success or len(token) < _LEAST:
            raise Inconclusive(
                "cannot-sign-in", f"{self.login.operation.subject} gave no token to a new account."
            )
        return token
