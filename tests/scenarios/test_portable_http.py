"""The HTTP scenarios pass a sound shop, fail each flaw of a sloppy one, and say nothing of a silent one."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from harness.core.outcome import Outcome
from tests.scenarios.playing import play_files
from tests.targets.shop import FLAWS, Shop, document

FILES = ("reads", "paging", "odd_addresses", "odd_bodies", "writes", "documented_examples", "monitoring")

#: Flaws that can stand side by side, each with the requirement that it breaks.
GROUPS = {
    "reading": {
        "head-differs": "http.head-equals-get",
        "options-silent": "http.options-answered",
        "ignores-if-none-match": "http.conditional-reads-honoured",
        "gzip-without-vary": "http.compression-transparent",
        "wrong-range": "http.ranges-honoured",
        "ignores-accept": "http.negotiation-honoured",
        "page-size-ignored": "api.page-size-honoured",
        "example-refused": "docs.read-examples-answered",
        "health-slow": "monitoring.health-cheap",
        "metrics-unbounded": "monitoring.metrics-bounded",
        "redirects-away": "http.redirects-keep-origin",
    },
    "writing": {
        "page-overlaps": "api.pages-complete",
        "next-loops": "api.page-links-resolve",
        "odd-address-crashes": "errors.odd-addresses-answered",
        "odd-body-crashes": "errors.odd-bodies-answered",
        "takes-any-type": "errors.media-type-refused",
        "takes-unknown-members": "errors.unknown-members-refused",
        "created-unlocated": "http.created-located",
        "put-counts": "http.puts-idempotent",
        "if-match-ignored": "http.stale-writes-refused",
        "key-ignored": "api.idempotency-keys-replayed",
        "metrics-still": "monitoring.metrics-move",
    },
    "the rest": {
        "key-for-any-body": "api.idempotency-keys-replayed",
        "flapping": "testing.reads-repeatable",
        "metrics-malformed": "monitoring.metrics-well-formed",
    },
}
REQUIREMENTS = {
    "api.page-maximum-enforced",  # its flaw is in test_portable_people.py
    *(requirement for group in GROUPS.values() for requirement in group.values()),
}


@pytest.fixture
def silent() -> Iterator[str]:
    """A server that has nothing but 404."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def __getattr__(self, name: str) -> object:
            if name.startswith("do_"):
                return self.answer
            raise AttributeError(name)

        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_every_flaw_of_the_shop_is_in_a_group() -> None:
    grouped = [flaw for group in GROUPS.values() for flaw in group]

    assert sorted([*grouped, "misplaced"]) == sorted(FLAWS)


def test_a_sound_shop_passes_everything(tmp_path: Path) -> None:
    with Shop() as shop:
        outcomes = play_files(shop.url, tmp_path, FILES, document=document())

    assert outcomes == dict.fromkeys(REQUIREMENTS, Outcome.PASS)


@pytest.mark.parametrize("group", GROUPS)
def test_each_flaw_fails_its_own_requirement_and_no_other(group: str, tmp_path: Path) -> None:
    with Shop(flaws=frozenset(GROUPS[group])) as shop:
        outcomes = play_files(shop.url, tmp_path, FILES, document=document())

    assert {name for name, outcome in outcomes.items() if outcome is Outcome.FAIL} == set(
        GROUPS[group].values()
    )


def test_of_a_silent_server_nothing_is_said(silent: str, tmp_path: Path) -> None:
    outcomes = play_files(silent, tmp_path, FILES, document=document())

    assert outcomes == dict.fromkeys(REQUIREMENTS, Outcome.INCONCLUSIVE)


def test_without_consent_nothing_is_written(tmp_path: Path) -> None:
    with Shop() as shop:
        before = {name: dict(item) for name, item in shop.items.items()}
        play_files(shop.url, tmp_path, ("odd_bodies", "writes"), document=document(), may_write=False)

        assert shop.items == before
