"""Lets Pact's matcher judge requests that were really sent: a request is turned into a message.

Pact's verifier only sends requests; it cannot compare one that somebody else sent. The request side of an
interaction, with its matching rules, is therefore written as a message pact over the members `method`,
`path`, `query`, `headers` and `body`, and the recorded request is offered as that message.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from harness.layers.contracts.pacts import Interaction, PactFile


def write_message_pact(pact: PactFile, interactions: Iterable[Interaction], path: Path) -> Path:
    """Write the request sides of the interactions as messages described by their canonical names."""
    document = {
        "consumer": {"name": pact.consumer},
        "provider": {"name": pact.provider},
        "interactions": [
            _message(pact.document["interactions"][item.position]["request"], item) for item in interactions
        ],
        "metadata": {"pactSpecification": {"version": "4.0"}},
    }
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def _message(request: Mapping[str, Any], interaction: Interaction) -> Mapping[str, Any]:
    content: dict[str, Any] = {
        "method": interaction.method,
        "path": interaction.path,
        "query": dict(interaction.query),
        "headers": {name.lower(): value for name, value in interaction.request.headers.items()},
    }
    if interaction.request.has_body:
        content["body"] = interaction.request.body
    return {
        "type": "Asynchronous/Messages",
        "description": interaction.subject,
        "pending": False,
        "contents": {"content": content, "contentType": "application/json", "encoded": False},
        "matchingRules": {"body": _rules(request.get("matchingRules", {}))},
    }


def _rules(rules: Mapping[str, Any]) -> Mapping[str, Any]:
    moved: dict[str, Any] = {}
    if "path" in rules:
        moved["$.path"] = rules["path"]
    for name, rule in rules.get("query", {}).items():
        moved[f"$.query['{name}']"] = rule
    for name, rule in rules.get("header", {}).items():
        moved[f"$.headers['{name.lower()}']"] = rule
    for place, rule in rules.get("body", {}).items():
        moved[f"$.body{place.removeprefix('$')}"] = rule
    return moved


def as_message(recorded: Mapping[str, Any], *, has_body: bool) -> Mapping[str, Any]:
    """Return a stub's record of a request in the same shape."""
    message: dict[str, Any] = {
        "method": recorded["method"],
        "path": recorded["path"],
        "query": {name: values[0] for name, values in recorded.get("query", {}).items()},
        "headers": {name.lower(): value for name, value in recorded.get("headers", {}).items()},
    }
    if has_body:
        try:
            message["body"] = json.loads(recorded.get("body") or "null")
        except ValueError:
            message["body"] = recorded.get("body")
    return message


def undeclared_query(recorded: Mapping[str, Any], interaction: Interaction) -> tuple[str, ...]:
    """Return the query parameters that were sent and that the contract does not know."""
    return tuple(sorted(set(recorded.get("query", {})) - set(interaction.query)))
