"""A document may point at any address; no judge asks there."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from harness.judges.examples import JSON, exchange, item_operation
from tests.harness.judges.asking import at_item, judged


@contextmanager
def elsewhere() -> Iterator[tuple[str, list[bytes]]]:
    """Give an address and all that was asked there; nobody is answered."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        accepting = threading.Thread(target=_hang_up, args=(server, asked))
        accepting.start()
        try:
            yield url, asked
        finally:
            with socket.create_connection(server.getsockname()) as last:
                last.sendall(b"the end")
            accepting.join()


def _hang_up(server: socket.socket, asked: list[bytes]) -> None:
    while True:
        connection, _ = server.accept()
        with connection:
            said = connection.recv(100)
        if said == b"the end":
            return
        asked.append(said)


@pytest.mark.parametrize("identity", ["response-schemas", "response-formats", "example-truth"])
def test_a_reference_to_another_address_is_not_followed(identity: str) -> None:
    with elsewhere() as (url, asked):
        schema: dict[str, Any] = {"format": "date", "allOf": [{"$ref": f"{url}/schema.json"}]}
        content = {JSON: {"schema": schema, "example": "x"}}
        openapi = at_item({"responses": {"200": {"content": content}}})

        found = judged(identity, exchange(200, '"x"'), operations=[item_operation()], openapi=openapi)

    assert asked == []
    assert [item.reason for item in found if item.outcome == "error"] == []
