"""What the consumer tests share: an interaction is described once and then played against Pact's mock."""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from pact import Pact, generate, match

PROVIDER = "core-reference"
PACTS = Path(__file__).resolve().parents[2] / "contracts" / "pacts"
PROBLEM = "application/problem+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction:
    """What a consumer expects (`describe`), and its code that does it: `act` gives `gives`."""

    name: str
    describe: Callable[[Pact], object]
    act: Callable[[httpx.Client], object]
    gives: object


def play(consumer: str, provider: str, interaction: Interaction, folder: Path) -> None:
    """Run the consumer's code against a mock that knows this interaction, and keep it in the pact."""
    pact = Pact(consumer, provider).with_specification("V4")
    interaction.describe(pact)
    headers = {"Authorization": "Bearer a.b.c"}
    with pact.serve() as mock, httpx.Client(base_url=str(mock.url), headers=headers, trust_env=False) as http:
        assert interaction.act(http) == interaction.gives
    pact.write_file(folder)


def committed(consumer: str, provider: str) -> Any:
    """Return the pact under contracts/pacts."""
    return json.loads((PACTS / f"{consumer}-{provider}.json").read_text(encoding="utf-8"))


def written(consumer: str, provider: str, interactions: Sequence[Interaction], folder: Path) -> Any:
    """Return the pact that all interactions make; UPDATE_PACTS=1 commits it to contracts/pacts."""
    for interaction in interactions:
        play(consumer, provider, interaction, folder)
    return keep(folder / f"{consumer}-{provider}.json")


def keep(path: Path) -> Any:
    """Read a fresh pact without what depends on Pact's version; UPDATE_PACTS=1 puts it in contracts/pacts."""
    pact = json.loads(path.read_text(encoding="utf-8"))
    pact["metadata"].pop("pactRust", None)
    if os.environ.get("UPDATE_PACTS"):
        PACTS.mkdir(parents=True, exist_ok=True)
        text = json.dumps(pact, indent=2, ensure_ascii=False) + "\n"
        (PACTS / path.name).write_text(text, encoding="utf-8")
    return pact


def bearer() -> Any:
    """Match any bearer token; the provider fills in the one that its state made."""
    return match.like("Bearer a.b.c", generator=generate.provider_state("Bearer ${token}"))


def from_state(example: str, expression: str) -> Any:
    """Match any text; the provider fills in a value that its state made."""
    return match.like(example, generator=generate.provider_state(expression))


def instant() -> Any:
    """Match a point in time."""
    return match.regex("2026-01-02T03:04:05Z", regex=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*$")


def identity(prefix: str, example: str = "01J9ZQ4M5N6P7R8S9T0VWXYZ12") -> Any:
    """Match an id of a kind."""
    return match.regex(f"{prefix}_{example}", regex=rf"^{prefix}_[0-9A-HJKMNP-TV-Z]{{26}}$")


def problem(status: int, slug: str) -> dict[str, Any]:
    """Match a problem document: its status and the end of its type are what consumers decide on."""
    return {
        "type": match.regex(f"https://core.example/problems/{slug}", regex=rf"^\S+/problems/{slug}$"),
        "title": match.str("What went wrong"),
        "status": status,
        "instance": match.regex("/somewhere", regex=r"^/\S*$"),
        "request_id": match.str("req_1"),
    }
