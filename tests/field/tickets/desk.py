"""What the handlers of the help desk share: the store, the rules, who is calling, which ticket is meant."""

import os
from typing import Any

from defects import rules_with
from litestar import Request
from litestar.exceptions import NotAuthorizedException, NotFoundException, PermissionDeniedException
from litestar.openapi.datastructures import ResponseSpec
from rules import Store, Ticket, User
from shapes import Problem

store = Store()
rules = rules_with(os.environ.get("FIELD_DEFECTS", ""))(store)
Caller = Request[Any, Any, Any]


def refusals(*statuses: int) -> dict[int, ResponseSpec]:
    """Return the documentation of refusals."""
    return {
        status: ResponseSpec(data_container=Problem, description="Refused") for status in (400, *statuses)
    }


BEARER = [{"bearer": []}]


def caller(request: Caller, operation: str = "") -> User:
    """Return who is calling; `operation` names one that is for agents."""
    session = rules.session_of(rules.token_of(request))
    if session is None:
        if rules.is_open(operation):
            return User(username="", password="", role="agent")
        raise NotAuthorizedException("A valid session token is needed")
    if operation and session.user.role != "agent" and rules.is_for_agents(operation):
        raise PermissionDeniedException("This is for agents")
    return session.user


def ticket_of(number: int) -> Ticket:
    """Return a ticket that is there."""
    found = next((item for item in store.tickets if item.number == number), None)
    if found is None or not rules.is_there(found):
        raise NotFoundException("There is no such ticket")
    return found
