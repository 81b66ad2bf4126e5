"""Runs Locust as a child, watches how busy it is, and reads what the recording wrote."""

import json
import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from harness.core.spawn import Child, spawn
from harness.layers.load.histogram import Series
from harness.layers.load.neighbours import Glance

_WARM_UP = 3.0
_LOOK = 0.5
_SPARE = 15.0
_CPU_WARNING = "CPU usage above"
_RECORDING = Path(__file__).with_name("recording.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """What Locust is to do: so many users, each so many times a second, for so long after the warm-up."""

    users: int
    rate_per_user: float
    seconds: float
    warm_up: float = _WARM_UP

    @property
    def whole_seconds(self) -> int:
        """The run time on the command line."""
        return math.ceil(self.seconds + self.warm_up)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How Locust ended. `series` is None when the recording wrote nothing: Locust crashed or was killed.

    `others` is the share of this machine's processors that went to neither Locust nor what a run started.
    """

    series: Mapping[str, Series] | None
    seconds: float
    cpu_percent: tuple[float, ...]
    others: float
    warned: bool
    interrupted: bool
    timed_out: bool


def volume_for(requests_per_second: float, seconds: float) -> Volume:
    """Spread a rate over users so that each may take a third of a second per request."""
    users = max(2, round(requests_per_second / 3))
    return Volume(users=users, rate_per_user=requests_per_second / users, seconds=seconds)


def command(locustfile: Path, host: str, volume: Volume) -> list[str]:
    """Return Locust's command line."""
    return [
        str(Path(sys.executable).with_name("locust")),
        "-f",
        f"{locustfile},{_RECORDING}",
        "--headless",
        "--only-summary",
        "--host",
        host,
        "--users",
        str(volume.users),
        "--spawn-rate",
        str(volume.users),
        "--run-time",
        f"{volume.whole_seconds}s",
        "--stop-timeout",
        "5",
        "--exit-code-on-error",
        "0",
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Generating:
    """Where a run keeps its files and how its output is redacted."""

    folder: Path
    log: Path
    redact: Callable[[bytes], bytes]

    def run(
        self, locustfile: Path, host: str, volume: Volume, *, environ: Mapping[str, str], limit: float
    ) -> Ended:
        """Run Locust to its end, at most `limit` seconds."""
        self.folder.mkdir(parents=True, exist_ok=True)
        child = spawn(
            command(locustfile, host, volume),
            log=self.log,
            name="locust",
            env={
                "HARNESS_LOAD_FOLDER": str(self.folder),
                "HARNESS_LOAD_WARM_UP": str(volume.warm_up),
                "LOAD_RATE_PER_USER": str(volume.rate_per_user),
                **environ,
            },
            cwd=self.folder,
            redact=self.redact,
        )
        samples: list[float] = []
        interrupted = timed_out = False
        before = Glance.now()
        try:
            timed_out = not _watch(child, samples, limit=min(limit, volume.whole_seconds + _SPARE))
        except KeyboardInterrupt:
            interrupted = True
        finally:
            others = before.others_until(Glance.now())
            child.stop()
        return self._read(tuple(samples), others, interrupted=interrupted, timed_out=timed_out)

    def _read(self, cpu: tuple[float, ...], others: float, *, interrupted: bool, timed_out: bool) -> Ended:
        record: Mapping[str, Any] | None = None
        counts = self.folder / "counts.json"
        if counts.is_file():
            record = json.loads(counts.read_text(encoding="utf-8"))
        log = self.log.read_text(encoding="utf-8", errors="replace") if self.log.is_file() else ""
        return Ended(
            series=None if record is None else _series(record["series"]),
            seconds=0.0 if record is None else max(0.0, record["seconds"] - record["warm_up"]),
            cpu_percent=cpu,
            others=others,
            warned=_CPU_WARNING in log,
            interrupted=interrupted,
            timed_out=timed_out,
        )


def _watch(child: Child, samples: list[float], *, limit: float) -> bool:
    """Note the generator's CPU twice a second; return whether it ended within the limit."""
    try:
        process = psutil.Process(child.pid)
        process.cpu_percent()
    except psutil.Error:
        return child.wait(limit) is not None
    looks = int(limit / _LOOK)
    for _ in range(looks):
        if child.wait(_LOOK) is not None:
            return True
        try:
            samples.append(process.cpu_percent())
        except psutil.Error:
            continue  # it ended between the two calls; the next wait says so
    return False


def _series(record: Mapping[str, Any]) -> Mapping[str, Series]:
    return {
        name: Series(
            buckets={int(bucket): number for bucket, number in item["buckets"].items()},
            requests=item["requests"],
            errors=item["errors"],
        )
        for name, item in record.items()
    }
