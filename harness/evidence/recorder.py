"""The recorder: stands before the target, relays raw bytes untouched and writes down a copy.

Two things are changed, and only when asked for: before a deployment that is known by its name, the name of
the recorder in `Host` gives way to the deployment's (`--host NAME`), because servers choose by it; and a
credential that died in mid-run gives way to the one that was given when its owner signed in again.

A process of its own: `python -m harness.evidence.recorder --listen PORT --upstream HOST:PORT --layer LAYER
--out FILE`. What it must not write comes through the control channel, or, when it is run by hand, as JSON in
the variable HARNESS_RECORDING: {"key": "<hex>", "secrets": [...]}; never in its arguments, which others see.
Before a deployment it is given a `guard`, too: see harness/evidence/guarded.py.
"""

import argparse
import asyncio
import json
import os
import re
import signal
import socket
import ssl
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from harness.core.channel import serve
from harness.core.clock import Clock, SystemClock
from harness.core.errors import UsageProblem
from harness.core.layer import Layer
from harness.core.redaction import Redactor
from harness.core.relay import Direction, Relay
from harness.evidence.conversation import Conversation
from harness.evidence.draft import Draft
from harness.evidence.gate import Question, Stop
from harness.evidence.guarded import Guard, GuardedTap
from harness.evidence.scribe import Scribe

ENVIRONMENT = "HARNESS_RECORDING"


class Recorder:
    """Relays every connection of one port to the upstream and gives a copy to the scribe."""

    def __init__(
        self,
        upstream: tuple[str, int],
        scribe: Scribe,
        clock: Clock,
        *,
        host: str = "",
        tls: ssl.SSLContext | None = None,
        guard: Guard | None = None,
    ) -> None:
        self._upstream = upstream
        self._guard = guard
        self._host = host
        self._tls = tls
        self._scribe = scribe
        self._clock = clock
        self._server: asyncio.Server | None = None
        self._renewed: dict[bytes, bytes] = {}
        self._open: set[_Tap | GuardedTap] = set()
        self.port = 0

    async def start(self, port: int) -> None:
        """Listen on loopback; port 0 takes a free one."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Relay(self._upstream, self._watch, tls=self._tls).accepted,
            "127.0.0.1",
            port,
            backlog=512,
        )
        self.port = self._server.sockets[0].getsockname()[1]
        own_name = rf"(\r\nhost: *)(?:127\.0\.0\.1|localhost):{self.port}(?= *\r\n)"
        self._own_name = re.compile(own_name.encode(), re.IGNORECASE)

    async def stop(self) -> None:
        """Drop every connection and write what is still open."""
        if self._server is not None:
            self._server.close()
        for tap in tuple(self._open):
            tap.relay.reset()
            tap.closed(refused=False)
        await asyncio.sleep(0)  # lets the transports say that they are gone
        self._scribe.close()

    async def handle(self, operation: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """Answer one question of the harness."""
        match operation:
            case "know":
                self._scribe.learn(*arguments["secrets"])
                for name, headers in arguments["sessions"].items():
                    self._scribe.know(name, headers)
                    if self._guard is not None:
                        self._guard.know(headers)
            case "renew":
                self._renew(arguments["identity"], arguments["old"], arguments["new"])
            case "fault":
                self._scribe.set_fault(active=arguments["active"])
            case "counters":
                pass
            case _:
                raise UsageProblem(f"the recorder knows no {operation!r}")
        return {
            "port": self.port,
            "open": len(self._open),
            "written": self._scribe.written,
            "gaps": self._scribe.gaps,
            "refusals": dict(self._scribe.refusals),
        }

    def _watch(self, relay: Relay) -> "_Tap | GuardedTap":
        conversation = Conversation(self._clock, self._scribe.begin, self._scribe.write)
        if self._guard is not None:
            guarded = GuardedTap(
                relay,
                conversation,
                self._guard,
                rename=self._outgoing,
                not_sent=self._note_not_sent,
                gone=self._open.discard,
            )
            self._open.add(guarded)
            return guarded
        tap = _Tap(relay, conversation, self._open, self._outgoing)
        self._open.add(tap)
        return tap

    def _note_not_sent(self, question: Question | None, why: Stop) -> None:
        """Record what a client asked for and the deployment never saw."""
        draft = Draft(
            method=question.method if question else "",
            target=question.target if question else "",
            started=self._clock.now(),
            gap="not-sent",
        )
        if question is not None:
            draft.request_headers = tuple((name.encode(), value.encode()) for name, value in question.headers)
        draft.notes["not-sent"] = why.value
        self._scribe.begin(draft)
        self._scribe.write(draft)

    def _renew(self, identity: str, old: Mapping[str, str], new: Mapping[str, str]) -> None:
        """Have a fresh credential sent wherever a client still sends the one that died."""
        self._scribe.know(identity, new)
        if self._guard is not None:
            self._guard.know(new)
        for name, value in old.items():
            if name in new:
                self._renewed[f": {value}\r\n".encode()] = f": {new[name]}\r\n".encode()

    def _outgoing(self, data: bytes) -> bytes:
        """Put the deployment's name in the place of our own, and a renewed credential in that of a dead one.

        Clients send a head in one piece.
        """
        if self._host:
            name = self._host.encode()
            data = self._own_name.sub(lambda match: match[1] + name, data)
        if self._renewed:
            head, end, body = data.partition(b"\r\n\r\n")
            head += b"\r\n"
            for old, new in self._renewed.items():
                head = head.replace(old, new)
            data = head.removesuffix(b"\r\n") + end + body
        return data


class _Tap:
    """Sends bytes on first and reads the copy after, so that reading delays nobody."""

    def __init__(
        self,
        relay: Relay,
        conversation: Conversation,
        taps: "set[_Tap | GuardedTap]",
        rename: Callable[[bytes], bytes],
    ) -> None:
        self._conversation = conversation
        self._taps = taps
        self._rename = rename
        self.relay = relay

    def received(self, direction: Direction, data: bytes) -> None:
        if direction is Direction.UPSTREAM:
            data = self._rename(data)
        self.relay.write(direction, data)
        self._conversation.received(direction, data)

    def ended(self, direction: Direction) -> None:
        self.relay.write_eof(direction)
        self._conversation.ended(direction)

    def closed(self, *, refused: bool) -> None:
        if self in self._taps:
            self._taps.discard(self)
            self._conversation.closed(refused=refused)


async def _run(options: argparse.Namespace, scribe: Scribe, guard: Guard | None) -> None:
    host, _, port = options.upstream.rpartition(":")
    tls = _tls(options) if options.tls else None
    recorder = Recorder((host, int(port)), scribe, SystemClock(), host=options.host, tls=tls, guard=guard)
    await recorder.start(options.listen)
    try:
        if options.control_fd is None:
            print(f"recording {options.upstream} on http://127.0.0.1:{recorder.port}", flush=True)
            await _until_interrupted()
        else:
            await serve(socket.socket(fileno=options.control_fd), recorder.handle)
    finally:
        await recorder.stop()


def _tls(options: argparse.Namespace) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if options.tls_ca:
        context.load_verify_locations(options.tls_ca)
    if options.tls_any:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


async def _until_interrupted() -> None:
    over = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, over.set)
    await over.wait()


def main() -> None:
    """Record until the harness closes its end of the control channel, or until Ctrl-C when run by hand."""
    parser = argparse.ArgumentParser(prog="python -m harness.evidence.recorder", description=__doc__)
    parser.add_argument("--listen", type=int, default=0, metavar="PORT", help="0 takes a free port")
    parser.add_argument("--upstream", required=True, metavar="HOST:PORT")
    parser.add_argument("--layer", required=True, type=Layer, choices=list(Layer))
    parser.add_argument("--out", required=True, type=Path, metavar="FILE")
    parser.add_argument("--mcp", action="append", default=[], metavar="PATH", help="a path that speaks MCP")
    parser.add_argument("--host", default="", metavar="NAME", help="what Host says to the upstream")
    parser.add_argument("--tls", action="store_true", help="speak TLS with the upstream")
    parser.add_argument("--tls-ca", metavar="FILE", help="authorities to trust besides the usual ones")
    parser.add_argument("--tls-any", action="store_true", help="take any certificate")
    parser.add_argument("--control-fd", type=int, default=None, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.control_fd is not None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the harness, which ends us in its order
    given = json.loads(os.environ.pop(ENVIRONMENT, "{}"))
    key = bytes.fromhex(given["key"]) if "key" in given else os.urandom(32)
    redactor = Redactor(given.get("secrets", ()), key)
    mcp = tuple(path.rstrip("/") for path in options.mcp)
    guard = Guard.of(given["guard"], SystemClock()) if "guard" in given else None
    asyncio.run(_run(options, Scribe(options.layer, options.out, redactor, mcp=mcp), guard))


if __name__ == "__main__":
    main()
