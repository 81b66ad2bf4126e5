"""Expectations that say what was seen: a finding's words come from here."""

from typing import Any

import httpx

_SHOWN = 300


def shown(response: httpx.Response) -> str:
    """Return the start of an answer's body on one line."""
    text = " ".join(response.text.split())
    return text if len(text) <= _SHOWN else text[:_SHOWN] + " …"


def asked(response: httpx.Response) -> str:
    """Return what was asked, e.g. `GET /auth/me`."""
    request = response.request
    return f"{request.method} {request.url.raw_path.decode('ascii', errors='replace')}"


def expect_status(response: httpx.Response, *expected: int, when: str = "") -> httpx.Response:
    """Return the answer when its status is one of those expected."""
    if response.status_code not in expected:
        wanted = " or ".join(str(status) for status in expected)
        context = f" {when}" if when else ""
        raise AssertionError(
            f"{asked(response)}{context} answered {response.status_code}, not {wanted}: {shown(response)}"
        )
    return response


def expect_refused(response: httpx.Response, *, when: str = "") -> httpx.Response:
    """Return the answer when it is a 4xx."""
    if not 400 <= response.status_code < 500:
        context = f" {when}" if when else ""
        raise AssertionError(
            f"{asked(response)}{context} answered {response.status_code}, not a refusal: {shown(response)}"
        )
    return response


class Answered(dict[str, Any]):
    """A JSON object of an answer: a member that it lacks is a fault of the answer, not of who reads it."""

    def __missing__(self, name: str) -> Any:
        raise AssertionError(f"the answer has no member {name}: {str(dict(self))[:_SHOWN]}")


def json_of(response: httpx.Response, *expected: int) -> Any:
    """Return the JSON body of an answer with one of the statuses (200 when none is named)."""
    expect_status(response, *(expected or (200,)))
    try:
        return response.json(object_hook=Answered)
    except ValueError as error:
        raise AssertionError(f"{asked(response)} answered no JSON ({error}): {shown(response)}") from error


def member(document: Any, *path: str | int) -> Any:
    """Return what stands at a path of a JSON document; say where it ends when it is not there."""
    here = document
    for depth, step in enumerate(path):
        try:
            here = here[step]
        except (AssertionError, KeyError, IndexError, TypeError):
            walked = "/".join(str(each) for each in path[: depth + 1])
            raise AssertionError(f"the answer has no member {walked}: {str(document)[:_SHOWN]}") from None
    return here
