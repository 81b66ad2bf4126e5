"""Pact files (V3 and V4) read into types."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from harness.core.errors import UsageProblem

#: Providers that stand behind the target: their pacts are the target's own, as a consumer.
UPSTREAMS = ("brave-search", "webhook-receiver")


class Kind(StrEnum):
    """What an interaction is about."""

    HTTP = "http"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A contracted request or response body with its headers; `has_body` tells null from nothing."""

    headers: Mapping[str, str] = field(default_factory=dict)
    body: object = None
    has_body: bool = False

    @property
    def media_type(self) -> str:
        """The lower-case media type without parameters, or the empty string."""
        found = next((value for name, value in self.headers.items() if name.lower() == "content-type"), "")
        return found.split(";", 1)[0].strip().lower()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Interaction:
    """One interaction; `position` is its index in the file."""

    kind: Kind
    consumer: str
    provider: str
    description: str
    states: tuple[str, ...]
    position: int
    method: str = ""
    path: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    status: int = 0
    request: Part = field(default_factory=Part)
    response: Part = field(default_factory=Part)

    @property
    def subject(self) -> str:
        """The canonical name: `web-client: reads an item (an item exists)`."""
        states = f" ({' and '.join(self.states)})" if self.states else ""
        return f"{self.consumer}: {self.description}{states}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PactFile:
    """A pact as it lies on disk; `document` is the whole of it, for copies that are shuffled or mutated."""

    path: Path
    consumer: str
    provider: str
    document: Mapping[str, Any]
    interactions: tuple[Interaction, ...]

    @property
    def is_upstream(self) -> bool:
        """Whether the target is the consumer of this pact."""
        return self.provider in UPSTREAMS


def read_pacts(folder: str) -> tuple[PactFile, ...]:
    """Read every *.json of a folder in order; raises UsageProblem when one of them is no pact."""
    if not folder:
        return ()
    return tuple(read_pact(path) for path in sorted(Path(folder).glob("*.json")))


def read_pact(path: Path) -> PactFile:
    """Read one pact file."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        consumer, provider = document["consumer"]["name"], document["provider"]["name"]
        interactions = tuple(_interactions(document, consumer, provider))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise UsageProblem(
            f"{path}: not a pact file ({type(problem).__name__}: {problem})",
            remedy="Write the pact again from the consumer's tests.",
        ) from problem
    return PactFile(
        path=path, consumer=consumer, provider=provider, document=document, interactions=interactions
    )


def http_interactions(pacts: Iterable[PactFile]) -> tuple[Interaction, ...]:
    """Return the HTTP interactions in the order of the files."""
    return tuple(item for pact in pacts for item in pact.interactions if item.kind is Kind.HTTP)


def _interactions(document: Mapping[str, Any], consumer: str, provider: str) -> Iterator[Interaction]:
    for position, record in enumerate(document.get("interactions", ())):
        is_message = "Message" in str(record.get("type", ""))
        if is_message:
            yield _message(record, consumer, provider, position)
        else:
            yield _http(record, consumer, provider, position)
    for position, record in enumerate(document.get("messages", ())):
        yield _message(record, consumer, provider, position)


def _http(record: Mapping[str, Any], consumer: str, provider: str, position: int) -> Interaction:
    request, response = record["request"], record["response"]
    return Interaction(
        kind=Kind.HTTP,
        consumer=consumer,
        provider=provider,
        description=record["description"],
        states=_states(record),
        position=position,
        method=str(request["method"]).upper(),
        path=request["path"],
        query=_query(request.get("query") or {}),
        status=int(response["status"]),
        request=_part(request),
        response=_part(response),
    )


def _message(record: Mapping[str, Any], consumer: str, provider: str, position: int) -> Interaction:
    contents = record.get("contents")
    body = contents.get("content") if isinstance(contents, dict) and "contentType" in contents else contents
    return Interaction(
        kind=Kind.MESSAGE,
        consumer=consumer,
        provider=provider,
        description=record["description"],
        states=_states(record),
        position=position,
        response=Part(body=body, has_body=body is not None),
    )


def _states(record: Mapping[str, Any]) -> tuple[str, ...]:
    if "providerStates" in record:
        return tuple(state["name"] for state in record["providerStates"])
    state = record.get("providerState")
    return (state,) if state else ()


def _query(record: Mapping[str, Any] | str) -> Mapping[str, str]:
    if isinstance(record, str):
        return dict(parse_qsl(record, keep_blank_values=True))
    return {name: value[0] if isinstance(value, list) else str(value) for name, value in record.items()}


def _part(record: Mapping[str, Any]) -> Part:
    headers = {
        name: value[0] if isinstance(value, list) else str(value)
        for name, value in record.get("headers", {}).items()
    }
    if "body" not in record:
        return Part(headers=headers)
    body = record["body"]
    if isinstance(body, dict) and "content" in body and set(body) <= {"content", "contentType", "encoded"}:
        if "contentType" in body and not any(name.lower() == "content-type" for name in headers):
            headers["Content-Type"] = body["contentType"]
        body = body["content"]
    return Part(headers=headers, body=body, has_body=True)
