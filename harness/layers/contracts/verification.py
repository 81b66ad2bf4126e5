"""Runs the verifier subprocess and reads what it wrote into types."""

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import certifi

from harness.core.spawn import ToolEnd, log_tail, run_tool
from harness.layers.contracts.states import StateKind

_PEM_END = "-----END CERTIFICATE-----"


class Verdict(StrEnum):
    """What Pact said about one interaction; `unanswered` means that there was nothing to compare."""

    MATCHED = "matched"
    MISMATCHED = "mismatched"
    UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True, kw_only=True)
class InteractionResult:
    """One interaction with its mismatches, each a sentence."""

    consumer: str
    description: str
    states: tuple[str, ...]
    verdict: Verdict
    mismatches: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        """The same canonical name that the pact's interaction has."""
        states = f" ({' and '.join(self.states)})" if self.states else ""
        return f"{self.consumer}: {self.description}{states}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A whole verification; `end` says how its process ended, `detail` what is wrong when nothing came."""

    end: ToolEnd
    results: tuple[InteractionResult, ...] = ()
    state_problems: Mapping[str, str] = field(default_factory=dict)
    detail: str = ""

    @property
    def has_results(self) -> bool:
        """Whether at least one interaction was really verified; an empty pact never is."""
        return bool(self.results)

    def by_subject(self) -> Mapping[str, InteractionResult]:
        """Return the results by canonical name."""
        return {result.subject: result for result in self.results}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verifying:
    """Starts verifications of one layer run: where their files and logs go, and how long each may take."""

    scratch: Path
    logs: Path
    seconds: float
    redact: Callable[[bytes], bytes]

    def http(
        self,
        name: str,
        pacts: Sequence[Path],
        *,
        provider: str,
        url: str,
        state_url: str = "",
        state_kind: StateKind = StateKind.CONTROL,
    ) -> Verified:
        """Replay the pacts' requests to `url` and compare the answers."""
        return self._run(
            name,
            {
                "provider": provider,
                "pacts": [str(path) for path in pacts],
                "url": url,
                "state_url": state_url,
                "state_kind": state_kind.value,
                "messages": {},
                "timeout_ms": 10_000,
            },
        )

    def messages(
        self, name: str, pacts: Sequence[Path], *, provider: str, bodies: Mapping[str, object]
    ) -> Verified:
        """Compare real message bodies, by the description of their interaction, with the pacts."""
        return self._run(
            name,
            {
                "provider": provider,
                "pacts": [str(path) for path in pacts],
                "url": "",
                "state_url": "",
                "state_kind": StateKind.CONTROL.value,
                "messages": dict(bodies),
                "timeout_ms": 10_000,
            },
        )

    def _run(self, name: str, order: dict[str, Any]) -> Verified:
        self.scratch.mkdir(parents=True, exist_ok=True)
        result, log = self.scratch / f"{name}.result.json", self.logs / "contracts.log"
        order_file = self.scratch / f"{name}.order.json"
        order_file.write_text(json.dumps({**order, "result": str(result)}), encoding="utf-8")
        end = run_tool(
            [sys.executable, "-m", "harness.layers.contracts.verify", str(order_file)],
            seconds=self.seconds,
            log=log,
            name=f"pact {name}",
            env={**self._one_certificate(), "PACT_DO_NOT_TRACK": "true"},
            redact=self.redact,
        )
        if not result.is_file():
            return Verified(end=end, detail=f"the verifier left no result. {log_tail(log, 3)}".strip())
        return read_result(json.loads(result.read_text(encoding="utf-8")), end)

    def _one_certificate(self) -> Mapping[str, str]:
        """The verifier reads all stores of certificates for every interaction; one of one is enough here."""
        store = self.scratch / "certificates"
        store.mkdir(exist_ok=True)
        path = self.scratch / "certificate.pem"
        if not path.exists():
            bundle = Path(certifi.where()).read_text(encoding="utf-8")
            path.write_text(bundle.split(_PEM_END, 1)[0] + _PEM_END + "\n", encoding="utf-8")
        return {"SSL_CERT_FILE": str(path), "SSL_CERT_DIR": str(store)}


def read_result(record: Mapping[str, Any], end: ToolEnd) -> Verified:
    """Read the verifier's own result; pending interactions count like all others."""
    results = tuple(_result(item) for item in record["results"].get("interactionResults", ()))
    problems = {item["state"]: item["reason"] for item in record.get("state_problems", ())}
    detail = "" if results else "the verifier verified nothing: the pact holds no interaction"
    return Verified(end=end, results=results, state_problems=problems, detail=detail)


def _result(item: Mapping[str, Any]) -> InteractionResult:
    mismatch = item.get("mismatch") or {}
    found = tuple(_sentences(mismatch))
    if item.get("result") == "OK" and not found:
        verdict = Verdict.MATCHED
    elif mismatch.get("type") == "mismatches":
        verdict = Verdict.MISMATCHED
    else:
        verdict = Verdict.UNANSWERED
    return InteractionResult(
        consumer=item.get("consumer", ""),
        description=item.get("description", ""),
        states=tuple(item.get("providerStates") or ()),
        verdict=verdict,
        mismatches=found,
    )


def _sentences(mismatch: Mapping[str, Any]) -> Iterable[str]:
    if message := mismatch.get("message"):
        yield str(message)
    for item in mismatch.get("mismatches", ()):
        place = item.get("path") or item.get("key") or ""
        what = item.get("mismatch") or f"expected {item.get('expected')}, got {item.get('actual')}"
        yield f"{place}: {what}" if place else str(what)
