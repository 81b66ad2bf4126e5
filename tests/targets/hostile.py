"""A server that misbehaves in one way: `python hostile.py --mode bomb`; the tests start it in threads."""

import argparse
import gzip
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

_PAGE = b"<!doctype html><html><head><title>App</title></head><body><div id=app></div></body></html>"
_OK = {
    "200": {
        "description": "d",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Node"}}},
    }
}
_MINIMAL = {"openapi": "3.1.0", "info": {"title": "Hostile", "version": "1"}}


def _recursive() -> dict[str, Any]:
    node = {"type": "object", "properties": {"child": {"$ref": "#/components/schemas/Node"}}}
    return {
        **_MINIMAL,
        "paths": {
            "/nodes": {"get": {"responses": _OK}},
            "/circle": {"$ref": "#/paths/~1other"},
            "/other": {"$ref": "#/paths/~1circle"},
            "/self": {"get": {"responses": {"200": {"$ref": "#/components/responses/Self"}}}},
        },
        "components": {
            "schemas": {"Node": node, "Loop": {"$ref": "#/components/schemas/Loop"}},
            "responses": {"Self": {"$ref": "#/components/responses/Self"}},
        },
    }


def _invalid() -> dict[str, Any]:
    return {
        **_MINIMAL,
        "servers": "everywhere",
        "security": None,
        "paths": {
            "/a": {"get": {"parameters": None, "responses": "200"}, "parameters": {"name": "x"}},
            "/b": [],
            "/c": {"get": None, "post": {"requestBody": [1], "responses": {"200": None}, "tags": "x"}},
            "/d": {
                "get": {"parameters": [7, {"name": "q", "in": "query"}], "responses": {"200": {"content": 1}}}
            },
            "nowhere": {"get": {"responses": {"999": {}}, "security": [{"unknown": []}]}},
        },
        "components": [],
    }


def _aliases() -> bytes:
    """YAML whose aliases unfold to ten to the ninth values."""
    lines = ["openapi: 3.0.0", "info: {title: Aliases, version: '1'}", "a0: &a0 [x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    return "\n".join([*lines, "paths: {/a: {get: {responses: {'200': {description: d}}}}}"]).encode()


def _head(status: str = "200 OK", *lines: str, version: str = "1.1") -> bytes:
    return "\r\n".join((f"HTTP/{version} {status}", "Connection: close", *lines, "", "")).encode()


def _whole(body: bytes, media_type: str = "application/json", *lines: str, status: str = "200 OK") -> bytes:
    return _head(status, f"Content-Type: {media_type}", f"Content-Length: {len(body)}", *lines) + body


Answer = Callable[[str, socket.socket], None]


def _document(body: bytes, media_type: str = "application/json") -> Answer:
    """Serve a document, an empty object below it, and 404 elsewhere."""

    def answer(path: str, connection: socket.socket) -> None:
        local = path.split("?", maxsplit=1)[0]
        if local == "/openapi.json":
            connection.sendall(_whole(body, media_type))
        elif local.startswith(("/nodes", "/a", "/c", "/d", "/self")):
            connection.sendall(_whole(b"{}"))
        else:
            connection.sendall(_whole(b"{}", status="404 Not Found"))

    return answer


def _endless(_path: str, connection: socket.socket) -> None:
    connection.sendall(_head("200 OK", "Content-Type: application/json", "Transfer-Encoding: chunked"))
    while True:
        connection.sendall(b"1000\r\n" + b"x" * 0x1000 + b"\r\n")


def _dripping(_path: str, connection: socket.socket) -> None:
    connection.sendall(_head("200 OK", "Content-Type: application/json", "Content-Length: 100000"))
    while True:
        connection.sendall(b" ")
        time.sleep(0.5)  # being slow is what it is for


def _silent(_path: str, _connection: socket.socket) -> None:
    time.sleep(600)  # saying nothing is what it is for


def _bomb(_path: str, connection: socket.socket) -> None:
    connection.sendall(_whole(_BOMB, "application/json", "Content-Encoding: gzip"))


def _cut(_path: str, connection: socket.socket) -> None:
    connection.sendall(
        _head("200 OK", "Content-Type: application/json", "Content-Length: 5000") + b'{"half":'
    )


def _half_head(_path: str, connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Ty")


def _old(path: str, connection: socket.socket) -> None:
    """HTTP/1.0: no length, no chunks, the end of the connection is the end of the answer."""
    is_known = path.split("?", maxsplit=1)[0] in {"/openapi.json", "/nodes"}
    status = "200 OK" if is_known else "404 Not Found"
    body = json.dumps(_recursive()).encode() if path == "/openapi.json" else b"{}"
    connection.sendall(_head(status, "Content-Type: application/json", version="1.0") + body)


def _page(_path: str, connection: socket.socket) -> None:
    connection.sendall(_whole(_PAGE, "text/html; charset=utf-8"))


def _odd_encoding(path: str, connection: socket.socket) -> None:
    body = '{"openapi": "3.1.0", "info": {"title": "é"}}'.encode("latin-1")
    connection.sendall(_whole(body, "application/json; charset=no-such-thing"))


def moved(elsewhere: str) -> Answer:
    """Redirect everything to another origin."""

    def answer(_path: str, connection: socket.socket) -> None:
        connection.sendall(
            _whole(b"", "text/plain", f"Location: {elsewhere}/caught", status="307 Temporary Redirect")
        )

    return answer


def circling(_path: str, connection: socket.socket) -> None:
    """Redirect everything to itself."""
    connection.sendall(_whole(b"", "text/plain", "Location: /again", status="302 Found"))


_BOMB = gzip.compress(b" " * (200 << 20), 9)

MODES: dict[str, Callable[[], Answer]] = {
    "good": lambda: _document(json.dumps(_recursive()).encode()),
    "enormous": lambda: _document(b'{"openapi": "3.1.0", "pad": "' + b"x" * (20 << 20) + b'"}'),
    "deep": lambda: _document(b'{"openapi": ' + b"[" * 200_000),
    "recursive": lambda: _document(json.dumps(_recursive()).encode()),
    "invalid": lambda: _document(json.dumps(_invalid()).encode()),
    "aliases": lambda: _document(_aliases(), "application/yaml"),
    "utf-16": lambda: _document(json.dumps(_recursive()).encode("utf-16")),
    "odd-encoding": lambda: _odd_encoding,
    "endless": lambda: _endless,
    "dripping": lambda: _dripping,
    "silent": lambda: _silent,
    "bomb": lambda: _bomb,
    "cut": lambda: _cut,
    "half-head": lambda: _half_head,
    "http-1.0": lambda: _old,
    "page": lambda: _page,
    "circling": lambda: circling,
}


@contextmanager
def hostile(answer: Answer, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve, each connection for one request, until the block ends; yield the URL."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=talk, args=(connection,), daemon=True).start()

    def talk(connection: socket.socket) -> None:
        with suppress(OSError, IndexError), connection:
            connection.settimeout(700)
            if tls is not None:
                connection = tls.wrap_socket(connection, server_side=True)
            asked = connection.recv(1 << 16)
            answer(asked.split(b" ", 2)[1].decode("latin-1"), connection)
            connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        scheme = "https" if tls else "http"
        yield f"{scheme}://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        over.set()
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--mode", choices=sorted(MODES), required=True)
    parser.add_argument("--certificate", type=Path, help="certificate and key (PEM): speak TLS")
    options = parser.parse_args()
    tls = None
    if options.certificate:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(options.certificate)
    with hostile(MODES[options.mode](), tls) as url:
        print(url, flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
