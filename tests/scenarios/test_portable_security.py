"""The portable pack on security tells a sound service from one with a flaw, whoever it may act as."""

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from harness.core.layer import Depth
from harness.core.outcome import Outcome
from harness.layers.scenarios.context import Credentials
from tests.scenarios.playing import PACK, Cells, cells, described, play
from tests.targets.notes_api import NotesServer
from tests.targets.notes_document import document
from tests.targets.notes_flaws import FLAWS

#: What each flaw must turn red, and nothing else. The judges' flaws are in test_judges_of_security.py.
BREAKS: Mapping[str, set[str]] = {
    "token-in-query": {"security.token-not-taken-from-query"},
    "evaded-by-slash": {"security.authentication-not-evaded"},
    "evaded-by-claim": {"security.authentication-not-evaded"},
    # a token that nobody verifies is also good when its last part is corrupted
    "signature-unchecked": {"security.jwt-signature-verified", "security.authentication-enforced"},
    "alg-none": {"security.jwt-algorithm-pinned"},
    "jku-fetched": {"security.jwt-keys-chosen-by-target"},
    "jwk-believed": {"security.jwt-keys-chosen-by-target"},
    "weak-secret": {"security.jwt-secret-strong"},
    "no-exp": {"security.jwt-expires"},
    "exp-ignored": {"security.jwt-expiry-enforced"},
    "bola-read": {"security.objects-owned"},
    "bola-write": {"security.objects-owned"},
    "bola-delete": {"security.objects-owned"},
    "list-unscoped": {"security.lists-scoped"},
    "role-unchecked": {"security.roles-enforced"},
    "owner-settable": {"security.unsettable-members-kept"},
    "read-only-settable": {"security.unsettable-members-kept"},
    "sql": {"security.sql-not-injectable"},
    "sql-blind": {"security.sql-not-injectable"},
    "sql-error": {"security.sql-not-injectable"},
    "template": {"security.templates-not-injectable"},
    "command": {"security.commands-not-injectable"},
    "traversal": {"security.paths-not-traversable"},
    "header-split": {"security.headers-not-injectable"},
    "unescaped": {"security.html-escaped"},
    "ssrf": {"security.loopback-not-fetched"},
    "open-redirect": {"security.redirects-closed"},
    "host-believed": {"security.forwarded-host-not-trusted"},
    "debug-open": {"security.debug-pages-closed"},
    "env-served": {"security.deployment-files-hidden"},
    "listing": {"security.directory-listings-off"},
    "v1-open": {"security.old-versions-guarded"},
    "trace": {"security.trace-disabled"},
    "unthrottled": {"security.guessing-throttled"},
    "enumerable": {"security.accounts-not-enumerable"},
    "short-password": {"security.short-passwords-refused"},
    "common-password": {"security.common-passwords-refused"},
}
OF_JUDGES = {
    *("no-challenge", "no-bearer-error", "hash-shown", "banner", "cookie-open", "token-cached"),
    "token-in-link",
}

#: Flaws that do not touch one another are played together; a session of the pack takes seconds.
TOGETHER = (
    (
        *(
            "token-in-query",
            "alg-none",
            "exp-ignored",
            "bola-read",
            "sql",
            "traversal",
            "debug-open",
            "trace",
        ),
        *("owner-settable", "host-believed"),
    ),
    (
        *(
            "short-password",
            "enumerable",
            "evaded-by-slash",
            "jku-fetched",
            "no-exp",
            "bola-write",
            "sql-error",
        ),
        *("header-split", "env-served"),
    ),
    (
        *("unthrottled", "common-password", "evaded-by-claim", "jwk-believed", "weak-secret", "bola-delete"),
        *("read-only-settable", "template", "unescaped", "ssrf", "listing"),
    ),
    (
        "open-redirect",
        "signature-unchecked",
        "list-unscoped",
        "role-unchecked",
        "command",
        "v1-open",
        "sql-blind",
    ),
)
EVERYBODY = ("alice", "bob", "carol")
#: What the notes have nothing of: nobody changes an own account there.
NOT_THERE = {"security.own-privileges-kept"}
#: What of the pack is about security; the rest has twins of its own.
SECURITY = tuple(
    str(PACK / f"test_{name}.py")
    for name in (
        *("addresses", "authentication", "cors", "credentials", "entrances", "exposure", "injection"),
        *("malformed_bodies", "members", "methods", "objects", "roles", "tokens", "unknown_paths"),
    )
)


def signed_in(server: NotesServer, *names: str) -> dict[str, Credentials]:
    """Return people with tokens, and one whose token is of old."""
    sessions = {
        name: Credentials(
            name=name,
            role=server.users[name]["role"],
            username=name,
            subject=name,
            headers={"Authorization": f"Bearer {server.door.token(name)}"},
        )
        for name in names
    }
    if names:
        old = {"Authorization": f"Bearer {server.door.token('alice', age=9000)}"}
        sessions["late"] = Credentials(name="late", role="expired", headers=old)
    return sessions


def judged(
    folder: Path,
    *flaws: str,
    names: tuple[str, ...] = EVERYBODY,
    prefix: str = "",
    only: Sequence[str] = SECURITY,
    **changes: Any,
) -> tuple[Cells, NotesServer]:
    """Play files of the pack on the service with some flaws."""
    with NotesServer(*flaws, prefix=prefix) as server:
        context = described(server.url, document(prefix), folder, signed_in(server, *names), **changes)
        return cells(play(context, folder, *only)), server


def failed(outcomes: Cells) -> set[str]:
    return {requirement for (requirement, _), outcome in outcomes.items() if outcome is Outcome.FAIL}


def not_passed(outcomes: Cells) -> set[str]:
    return {requirement for (requirement, _), outcome in outcomes.items() if outcome is not Outcome.PASS}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> tuple[Cells, NotesServer]:
    """What became of a sound service."""
    return judged(tmp_path_factory.mktemp("sound"))


def test_a_sound_service_passes_everything(sound: tuple[Cells, NotesServer]) -> None:
    outcomes, _ = sound

    assert not_passed(outcomes) == NOT_THERE
    assert {requirement for requirement, _ in outcomes} >= set().union(*BREAKS.values())


def test_the_whole_pack_finds_nothing_wrong_with_a_sound_service(tmp_path: Path) -> None:
    outcomes, server = judged(tmp_path, only=(str(PACK),))

    assert failed(outcomes) == set()
    assert Outcome.ERROR not in outcomes.values()
    assert not {*server.ended} & {*EVERYBODY}


def test_operations_that_end_a_credential_are_never_called_with_it(sound: tuple[Cells, NotesServer]) -> None:
    _, server = sound

    assert not set(server.ended) & set(EVERYBODY)  # an account that was made for it may sign out
    assert ("POST", "/api/v2/me/reset-token") in server.asked  # without credentials it is


@pytest.mark.parametrize("flaws", TOGETHER, ids=lambda flaws: flaws[0])
def test_each_flaw_fails_its_own_requirement_and_no_other(tmp_path: Path, flaws: tuple[str, ...]) -> None:
    outcomes, _ = judged(tmp_path, *flaws)

    assert failed(outcomes) == set().union(*(BREAKS[flaw] for flaw in flaws))
    assert Outcome.ERROR not in outcomes.values()


def test_every_flaw_of_the_service_is_tried_somewhere() -> None:
    played = [flaw for flaws in TOGETHER for flaw in flaws]

    assert sorted([*played, *OF_JUDGES]) == sorted(FLAWS)
    assert set(played) == set(BREAKS)


def test_a_sound_service_below_a_base_path_fails_nothing_with_one_person(tmp_path: Path) -> None:
    outcomes, _ = judged(tmp_path, names=("alice",), prefix="/service", openapi="/service/openapi.json")

    assert not_passed(outcomes) == {"security.objects-owned", "security.lists-scoped", *NOT_THERE}
    assert Outcome.FAIL not in outcomes.values()


def test_a_sound_service_fails_nothing_with_nobody(tmp_path: Path) -> None:
    outcomes, _ = judged(tmp_path, names=())

    assert set(outcomes.values()) == {Outcome.PASS, Outcome.INCONCLUSIVE}
    assert outcomes["security.sql-not-injectable", "target"] is Outcome.PASS
    assert outcomes["security.authentication-enforced", "GET /api/v2/me"] is Outcome.PASS


def test_objects_are_judged_with_an_administrators_but_never_by_an_administrators_eyes(
    tmp_path: Path,
) -> None:
    only = (str(PACK / "test_objects.py"),)
    alone, _ = judged(tmp_path, "bola-read", names=("alice",), only=only)
    beside_an_administrator, _ = judged(tmp_path, "bola-read", names=("alice", "carol"), only=only)

    assert alone["security.objects-owned", "target"] is Outcome.INCONCLUSIVE
    assert beside_an_administrator["security.objects-owned", "target"] is Outcome.FAIL


def test_a_role_of_the_target_files_own_is_refused_what_is_reserved_to_another(tmp_path: Path) -> None:
    only = (str(PACK / "test_roles.py"),)
    reserved = {"reader": ("GET /api/v2/search",), "admin": ("GET /api/v2/admin/users",)}
    outcomes, _ = judged(tmp_path, only=only, reserved={"admin": reserved["admin"]})
    beyond, _ = judged(tmp_path, only=only, reserved=reserved)

    assert outcomes["security.roles-enforced", "target"] is Outcome.PASS
    assert beyond["security.roles-enforced", "target"] is Outcome.FAIL  # alice is a user, and may search


def test_where_the_secret_is_known_a_token_of_old_is_made_with_it(tmp_path: Path) -> None:
    only = (str(PACK / "test_tokens.py"),)
    expiry = ("security.jwt-expiry-enforced", "target")
    seen = {}
    for flaws in (("weak-secret", "exp-ignored"), ("weak-secret",), ("exp-ignored",)):
        with NotesServer(*flaws) as server:
            people = {name: each for name, each in signed_in(server, "alice").items() if name != "late"}
            context = described(server.url, document(), tmp_path, people)
            seen[flaws] = cells(play(context, tmp_path, *only))[expiry]

    assert list(seen.values()) == [Outcome.FAIL, Outcome.PASS, Outcome.INCONCLUSIVE]


@pytest.mark.parametrize("depth", [Depth.QUICK, Depth.STANDARD])
def test_without_consent_only_reads_are_sent(tmp_path: Path, depth: Depth) -> None:
    outcomes, server = judged(tmp_path, may_write=False, depth=depth)

    assert {method for method, _ in server.asked} <= {"GET", "HEAD", "OPTIONS"}
    assert failed(outcomes) == set()
    assert outcomes["security.objects-owned", "target"] is Outcome.INCONCLUSIVE


def test_a_quick_run_injects_nothing(tmp_path: Path) -> None:
    outcomes, _ = judged(tmp_path, "sql", depth=Depth.QUICK, only=(str(PACK / "test_injection.py"),))

    assert outcomes["security.sql-not-injectable", "target"] is Outcome.INCONCLUSIVE


def test_what_the_target_never_wants_called_is_left_alone(tmp_path: Path) -> None:
    never = ("POST /api/v2/notes", "POST /api/v2/hooks")
    outcomes, server = judged(tmp_path, never=never, only=(str(PACK / "test_objects.py"),))

    assert len(server.notes) + len(server.hooks) == 3
    assert outcomes["security.objects-owned", "target"] is Outcome.INCONCLUSIVE


@contextmanager
def answering(status: int, body: str, media_type: str = "application/json") -> Iterator[str]:
    """Serve one and the same answer to everything."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def handle_any(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Retry-After", "60")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None: ...

        def __getattr__(self, name: str) -> Any:
            if name.startswith("do_"):
                return self.handle_any
            raise AttributeError(name)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def security_of(url: str, folder: Path) -> Cells:
    """Play the pack's scenarios on security on a service that knows nobody."""
    with NotesServer() as known:
        people = signed_in(known, *EVERYBODY)
    files = sorted(str(each) for each in PACK.glob("test_*.py"))
    found = cells(play(described(url, document(), folder, people), folder, *files))
    return {cell: outcome for cell, outcome in found.items() if cell[0].startswith("security.")}


#: What can be said without an answer of the target: the tokens themselves were looked at.
_OFFLINE = {"security.jwt-secret-strong", "security.jwt-expires"}


@pytest.mark.parametrize("status", [404, 500, 429])
def test_a_service_that_says_nothing_passes_nothing(tmp_path: Path, status: int) -> None:
    with answering(status, json.dumps({"status": status})) as url:
        outcomes = security_of(url, tmp_path)

    told = {cell: outcome for cell, outcome in outcomes.items() if cell[0] not in _OFFLINE}
    assert {cell: outcome for cell, outcome in told.items() if outcome is Outcome.FAIL} == {}
    assert {cell for cell, outcome in told.items() if outcome is Outcome.PASS} == set()


def test_a_service_that_shows_one_page_for_everything_is_only_told_that_it_asks_nobody(
    tmp_path: Path,
) -> None:
    with answering(200, "<html><title>Index of /</title>root:x:0:0:</html>", "text/html") as url:
        outcomes = security_of(url, tmp_path)

    assert failed(outcomes) <= {"security.authentication-enforced"}
