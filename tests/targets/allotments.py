"""Beds that people till, and plants below them: sound, or flawed in one of the ways of such services."""

import json
import re
import secrets
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from tests.targets.allotments_document import LARGEST_PAGE

#: What can be wrong; each is one way, and the sound service is right in all of them.
FLAWS: Mapping[str, str] = {
    "evaluates": "the search puts halves of words together, as an interpreter does",
    "computes": "the search says what a product is",
    "uncapped": "a page is as long as was asked for",
    "endless": "every page names a next one",
    "plants-listed": "the plants of a bed are listed to anybody",
    "plants-flat": "a plant is shown to anybody who knows its id",
    "plants-anywhere": "a plant is shown below any bed of the caller's",
    "plants-added": "anybody plants in any bed",
    "plants-pulled": "anybody pulls any plant out",
    "reset-tells": "asking for a new password tells who has an account",
    "address-told": "registering tells who has an account, and the document does not say so",
    "role-granted": "people make themselves wardens",
    "half-changed": "a refused change has changed what stood before the wrong member",
    "bounds-unchecked": "a bed may have any size",
    "cookie-anywhere": "a form on another site writes with the cookie",
}
#: Habits that look like flaws and are none.
HABITS = {
    "signs-dropped": "the search takes no notice of signs",
    "order-ignored": "the search wants all its words in any order",
}


class AllotmentsServer(ThreadingHTTPServer):
    """Holds everything in memory. Use it as a context."""

    daemon_threads = True

    def __init__(self, *flaws: str) -> None:
        assert set(flaws) <= {*FLAWS, *HABITS}
        super().__init__(("127.0.0.1", 0), _Handler)
        self.flaws = frozenset(flaws)
        self.passwords = {"alice@example.com": "a long password"}
        self.roles: dict[str, str] = {}
        self.sessions = {f"{name}s-token": f"{name}@example.com" for name in ("alice", "bob")}
        self.beds: dict[str, dict[str, Any]] = {}
        self.plants: dict[str, dict[str, Any]] = {}
        self.lock = threading.Lock()

    def has(self, flaw: str) -> bool:
        return flaw in self.flaws

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: AllotmentsServer

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Keep quiet."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def _answer(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.cookies: list[str] = []
        with self.server.lock:
            status, shown = self._told(raw)
        content = b"" if shown is None else json.dumps(shown).encode()
        self.send_response(status)
        if status == 401:
            self.send_header("WWW-Authenticate", "Bearer")
        for cookie in self.cookies:
            self.send_header("Set-Cookie", cookie)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _told(self, raw: bytes) -> tuple[int, Any]:
        self.where = urlsplit(self.path)
        self.query = {name: values[-1] for name, values in parse_qs(self.where.query).items()}
        kind = (self.headers.get("Content-Type") or "").partition(";")[0]
        try:
            self.body = json.loads(raw) if raw else {}
        except ValueError:
            return 400, {"detail": "no JSON"}
        if not isinstance(self.body, dict):
            return 422, {"detail": "no object"}
        if raw and kind != "application/json" and not self.server.has("cookie-anywhere"):
            return 415, {"detail": "JSON alone"}
        opened = self._open()
        return opened if opened is not None else self._closed()

    def _open(self) -> tuple[int, Any] | None:
        server, name = self.server, str(self.body.get("email", ""))
        match self.command, self.where.path:
            case "POST", "/register":
                if name in server.passwords:
                    told = server.has("address-told")
                    return (409, {"detail": "taken"}) if told else (202, {"detail": "look into your mail"})
                server.passwords[name] = str(self.body.get("password", ""))
                return 202, {"detail": "look into your mail"}
            case "POST", "/login":
                if not name or server.passwords.get(name) != self.body.get("password"):
                    return 401, {"detail": "no"}
                token = secrets.token_urlsafe(16)
                server.sessions[token] = name
                same_site = "" if server.has("cookie-anywhere") else "; SameSite=Lax"
                self.cookies.append(f"session={token}; HttpOnly{same_site}")
                return 200, {"access_token": token}
            case "POST", "/forgot-password":
                is_told = server.has("reset-tells") and name not in server.passwords
                return (404, {"detail": "nobody"}) if is_told else (202, {"detail": "look into your mail"})
        return None

    def _closed(self) -> tuple[int, Any]:
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        token = token or (self.headers.get("Cookie") or "").partition("session=")[2].partition(";")[0]
        who = self.server.sessions.get(token, "")
        if not who:
            return 401, {"detail": "who are you"}
        routes = {
            r"/me": self._me,
            r"/search": self._search,
            r"/beds": self._beds,
            r"/beds/([^/]+)": self._bed,
            r"/beds/([^/]+)/plants": self._plants,
            r"/beds/([^/]+)/plants/([^/]+)": self._plant,
            r"/plants/([^/]+)": self._plant_alone,
        }
        for pattern, answer in routes.items():
            if found := re.fullmatch(pattern, self.where.path):
                return answer(who, *found.groups())
        return 404, {"detail": "none"}

    def _plant_alone(self, who: str, name: str) -> tuple[int, Any]:
        found = self.server.plants.get(name)
        is_open = found and (self._owns(who, found["bed"]) or self.server.has("plants-flat"))
        return (200, found) if is_open else (404, {"detail": "none"})

    def _owns(self, who: str, bed: str) -> bool:
        return self.server.beds.get(bed, {}).get("tiller") == who

    def _me(self, who: str) -> tuple[int, Any]:
        if self.command == "PATCH" and self.server.has("role-granted") and "role" in self.body:
            self.server.roles[who] = str(self.body["role"])
        return 200, {"email": who, "role": self.server.roles.get(who, "gardener")}

    def _search(self, who: str) -> tuple[int, Any]:
        words = self.query.get("q", "").lower()
        titles = [bed["title"] for bed in self.server.beds.values() if bed["tiller"] == who]
        if self.server.has("computes") and (factors := re.fullmatch(r"(\d+)\*(\d+)", words)):
            return 200, {"searched": int(factors[1]) * int(factors[2]), "found": []}
        if self.server.has("evaluates") and (halves := re.fullmatch(r"'(\w*)'\+'(\w*)'", words)):
            words = halves[1] + halves[2]
        if self.server.has("signs-dropped"):
            words = re.sub(r"\W", "", words)
        parts = re.findall(r"\w+", words) if self.server.has("order-ignored") else [words]
        return 200, {"found": [title for title in titles if all(part in title.lower() for part in parts)]}

    def _beds(self, who: str) -> tuple[int, Any]:
        mine = [bed for bed in self.server.beds.values() if bed["tiller"] == who]
        if self.command == "POST":
            return self._new_bed(who)
        if not all(self.query.get(each, "0").isdecimal() for each in ("limit", "after")):
            return 422, {"detail": "no number"}
        size, start = int(self.query.get("limit", 3)), int(self.query.get("after", 0))
        size = size if self.server.has("uncapped") else min(size, LARGEST_PAGE)
        onward = start + size if len(mine) > start + size or self.server.has("endless") else None
        return 200, {"items": mine[start : start + size], "next_after": onward}

    def _new_bed(self, who: str) -> tuple[int, Any]:
        size, title = self.body.get("size"), self.body.get("title")
        is_sized = isinstance(size, int) and (1 <= size <= 20 or self.server.has("bounds-unchecked"))
        if not title or not isinstance(title, str) or not is_sized:
            return 422, {"detail": "a bed has a title and a size"}
        name = secrets.token_hex(4)
        self.server.beds[name] = {"id": name, "title": title, "size": size, "state": "sown", "tiller": who}
        return 201, self.server.beds[name]

    def _bed(self, who: str, name: str) -> tuple[int, Any]:
        if not self._owns(who, name):
            return 404, {"detail": "none"}
        bed = self.server.beds[name]
        if self.command == "DELETE":
            del self.server.beds[name]
            return 204, None
        return self._changed(bed) if self.command == "PATCH" else (200, bed)

    def _changed(self, bed: dict[str, Any]) -> tuple[int, Any]:
        wanted = {name: self.body[name] for name in ("title", "state") if name in self.body}
        is_right = isinstance(wanted.get("title", ""), str) and wanted.get("state", "sown") in (
            "sown",
            "harvested",
        )
        if not is_right:
            return 422, {"detail": "no such state"}
        if bed["state"] == "harvested" and wanted.get("state") == "sown":
            if self.server.has("half-changed"):
                bed["title"] = wanted.get("title", bed["title"])
            return 409, {"detail": "what is harvested stays so"}
        bed.update(wanted)
        return 200, bed

    def _plants(self, who: str, bed: str) -> tuple[int, Any]:
        flaw = "plants-added" if self.command == "POST" else "plants-listed"
        if bed not in self.server.beds or not (self._owns(who, bed) or self.server.has(flaw)):
            return 404, {"detail": "none"}
        if self.command == "POST":
            if not self.body.get("label"):
                return 422, {"detail": "a plant has a label"}
            name = secrets.token_hex(4)
            self.server.plants[name] = {"id": name, "label": self.body["label"], "bed": bed}
            return 201, self.server.plants[name]
        return 200, [plant for plant in self.server.plants.values() if plant["bed"] == bed]

    def _plant(self, who: str, bed: str, name: str) -> tuple[int, Any]:
        found = self.server.plants.get(name)
        is_there = found is not None and (found["bed"] == bed or self.server.has("plants-anywhere"))
        may_pull = self.command == "DELETE" and self.server.has("plants-pulled")
        if not is_there or not (self._owns(who, bed) or may_pull):
            return 404, {"detail": "none"}
        if self.command == "DELETE":
            del self.server.plants[name]
            return 204, None
        return 200, found
