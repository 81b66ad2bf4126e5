"""Progress for people: a bar on a terminal, a plain line now and then elsewhere."""

import sys
import time
from typing import TextIO


class PlainProgress:
    """One line per phase and, for news, at most one every ten seconds: what a CI log wants."""

    def __init__(self, stream: TextIO | None = None, *, quiet: bool = False, every: float = 10.0) -> None:
        self._stream = stream or sys.stderr
        self._quiet = quiet
        self._every = every
        self._last = 0.0

    def phase(self, name: str, *, step: int, steps: int) -> None:
        """Begin a phase."""
        if not self._quiet:
            print(f"[{step}/{steps}] {name}", file=self._stream, flush=True)
        self._last = time.monotonic()

    def line(self, text: str) -> None:
        """Show news unless something was shown within the last ten seconds."""
        now = time.monotonic()
        if self._quiet or now - self._last < self._every:
            return
        self._last = now
        print(f"      {text}", file=self._stream, flush=True)

    def close(self) -> None:
        """Nothing to take down."""


class TerminalProgress:
    """A bar over the phases with the newest line of news beside it."""

    def __init__(self, *, color: bool) -> None:
        from rich.console import Console  # noqa: PLC0415 - rich costs 60 ms and only a terminal needs it
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415

        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("[bold]{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.completed}/{task.total}"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[news]}"),
            console=Console(stderr=True, no_color=not color),
        )
        self._task = self._bar.add_task("starting", total=1, news="")
        self._bar.start()

    def phase(self, name: str, *, step: int, steps: int) -> None:
        """Begin a phase."""
        self._bar.update(self._task, description=name, completed=step - 1, total=steps, news="")

    def line(self, text: str) -> None:
        """Show the newest line."""
        self._bar.update(self._task, news=text[:80])

    def close(self) -> None:
        """Take the bar down so that the verdict stands alone."""
        self._bar.stop()


def progress_for(*, quiet: bool, color: bool) -> PlainProgress | TerminalProgress:
    """Return the kind of progress that fits where stderr goes."""
    if quiet or not sys.stderr.isatty():
        return PlainProgress(quiet=quiet)
    return TerminalProgress(color=color)
