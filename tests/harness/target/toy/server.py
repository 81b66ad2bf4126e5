"""A tiny service on the standard library, launched by the launcher's tests; `work` is its second process."""

import json
import os
import sys
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "toy", "version": "1"},
    "paths": {"/echo": {"post": {"responses": {"200": {}}}}, "/me": {"get": {"responses": {"200": {}}}}},
}
ROLES: dict[str, str] = {}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/die":
            print("the toy dies of a question", flush=True)
            os._exit(3)
        self.answer(*self.read(path))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.path == "/register":
            self.answer(202, {})
        elif self.path == "/login":
            asked = json.loads(body)
            self.answer(200, {"access_token": f"token-of-{asked['email']}-{asked['password'][::-1]}"})
        else:
            self.answer(200, {"echo": body.decode(), "path": self.path})

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.headers.get("if-match") != '"1"' or "token-of-root" not in self.headers.get(
            "authorization", ""
        ):
            self.answer(403, {})
            return
        ROLES[self.path.split("/")[2]] = json.loads(body)["roles"][0]
        self.answer(200, {})

    def read(self, path: str) -> tuple[int, object]:  # noqa: PLR0911 - one return per path
        match path:
            case "/health":
                return 200, {"status": "ok"}
            case "/openapi.json":
                return 200, DOCUMENT
            case "/me":
                name = self.headers.get("authorization", "").removeprefix("Bearer token-of-").split("@")[0]
                return (200, {"id": name, "role": ROLES.get(name, "")}) if name else (401, {})
            case "/upstream":
                return self.upstream()
            case "/redis":
                return self.redis()
            case "/log":
                print(f"asked for {self.path} with {dict(self.headers)}", flush=True)
                return 200, {"seen": self.path}
            case _ if path.startswith("/users/"):
                return 200, {}
        return 404, {"detail": "no such path"}

    def upstream(self) -> tuple[int, object]:
        try:
            with urllib.request.urlopen(f"{os.environ['BRAVE_URL']}/search", timeout=2) as answer:
                return 200, json.loads(answer.read())
        except OSError as problem:
            return 503, {"detail": str(problem)}

    def redis(self) -> tuple[int, object]:
        import socket

        parts = urlsplit(os.environ["REDIS_URL"])
        try:
            with socket.create_connection((parts.hostname, parts.port), timeout=2) as connection:
                connection.sendall(b"PING\r\n")
                return 200, {"said": connection.recv(100).decode()}
        except OSError as problem:
            return 503, {"detail": str(problem)}

    def answer(self, status: int, document: object) -> None:
        content = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("ETag", '"1"')
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: object) -> None:
        pass


def main() -> None:
    match sys.argv[1]:
        case "serve":
            print(f"public url {os.environ['PUBLIC_URL']} data {os.environ['DATA']}", flush=True)
            ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Handler).serve_forever()
        case "work":
            (Path(os.environ["DATA"]) / "worker.pid").write_text(str(os.getpid()))
            while True:
                time.sleep(60)
        case "break":
            print("no database at all", file=sys.stderr)
            sys.exit(7)


if __name__ == "__main__":
    main()
