"""A message that was acknowledged is delivered, whoever is killed in between."""

import threading
from typing import Self

from scenarios.containers.polling import until
from scenarios.containers.receiver import Receiver
from scenarios.containers.reference import Reference, Server, Visitor
from scenarios.containers.services import Service

_DELIVERY_SECONDS = 60.0


class _Sender:
    """Sends one message after the other from a thread of its own and keeps what was acknowledged."""

    def __init__(self, visitor: Visitor, url: str) -> None:
        self._visitor = visitor
        self._url = url
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._send, daemon=True)
        self.acknowledged: list[str] = []
        self.refused = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _send(self) -> None:
        number = 0
        while not self._stop.is_set():
            number += 1
            text = f"message {number}"
            if self._visitor.send(self._url, text).status == 202:
                self.acknowledged.append(text)
            else:
                self.refused += 1


def test_acknowledged_messages_survive_the_kill_of_the_database(
    reference: Reference, database: Service, receiver: Receiver
) -> None:
    with reference.serving(CORE_EMBEDDED_WORKER="false") as server:
        visitor = Visitor.registered(server).signed_in()

        with _Sender(visitor, receiver.url) as sender:
            until(lambda: len(sender.acknowledged) >= 20, within=30, what="messages are acknowledged")
            with database.killed():
                until(lambda: sender.refused > 0, within=20, what="messages are refused")
            before = len(sender.acknowledged)
            until(lambda: len(sender.acknowledged) >= before + 20, within=30, what="messages are taken again")

        with reference.working():
            _wait_for(receiver, sender.acknowledged)


def test_acknowledged_messages_survive_the_kill_of_the_worker(
    reference: Reference, receiver: Receiver
) -> None:
    with reference.serving(CORE_EMBEDDED_WORKER="false") as server:
        acknowledged = _acknowledged(server, receiver, 30)
        receiver.stall_after(5)

        with reference.working() as worker:
            until(lambda: receiver.stalled > 0, within=30, what="the worker is in the middle of deliveries")
            worker.kill()
            assert not worker.is_running, "the worker lives: the fault is not there"
        missing = set(acknowledged) - receiver.texts
        assert missing, "all was delivered before the kill: the scenario shows nothing"

        receiver.release()
        with reference.working():
            _wait_for(receiver, acknowledged)


def _acknowledged(server: Server, receiver: Receiver, count: int) -> list[str]:
    visitor = Visitor.registered(server).signed_in()
    texts = [f"message {number}" for number in range(count)]
    for text in texts:
        answer = visitor.send(receiver.url, text)
        assert answer.status == 202, answer.response.text
    return texts


def _wait_for(receiver: Receiver, texts: list[str]) -> None:
    until(
        lambda: receiver.texts.issuperset(texts),
        within=_DELIVERY_SECONDS,
        what=f"all {len(texts)} acknowledged messages are delivered",
    )
