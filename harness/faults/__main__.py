"""The fault proxies as a process of their own: `python -m harness.faults --control-fd N`."""

import argparse
import asyncio
import signal
import socket
from collections.abc import Mapping
from typing import Any

from harness.core.channel import serve
from harness.core.errors import UsageProblem
from harness.faults.link import Link
from harness.faults.registry import injection_of


class Links:
    """The links by name, and what may be asked of them."""

    def __init__(self) -> None:
        self._links: dict[str, Link] = {}

    async def handle(self, operation: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """Answer one question of the harness."""
        match operation:
            case "open":
                return await self._open(**arguments)
            case "inject":
                link = self._find(arguments["link"])
                link.inject(injection_of(arguments["toxic"]))
                return link.counters()
            case "heal":
                link = self._find(arguments["link"])
                link.heal()
                return link.counters()
            case "counters":
                return self._find(arguments["link"]).counters()
            case _:
                raise UsageProblem(f"the fault proxies know no {operation!r}")

    async def stop(self) -> None:
        """Drop every connection."""
        for link in self._links.values():
            await link.stop()

    async def _open(self, *, link: str, host: str, port: int, seed: int) -> Mapping[str, Any]:
        if link in self._links:
            raise UsageProblem(f"there is a link {link!r} already")
        opened = Link(link, (host, port), seed=seed)
        await opened.start()
        self._links[link] = opened
        return opened.counters()

    def _find(self, name: str) -> Link:
        link = self._links.get(name)
        if link is None:
            raise UsageProblem(f"there is no link {name!r}", remedy=f"Known are: {', '.join(self._links)}.")
        return link


async def _run(control: socket.socket) -> None:
    links = Links()
    try:
        await serve(control, links.handle)
    finally:
        await links.stop()


def main() -> None:
    """Serve links until the harness closes its end of the control channel."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the harness, which ends us in its order
    parser = argparse.ArgumentParser(prog="python -m harness.faults", description=__doc__)
    parser.add_argument("--control-fd", type=int, required=True)
    asyncio.run(_run(socket.socket(fileno=parser.parse_args().control_fd)))


if __name__ == "__main__":
    main()
