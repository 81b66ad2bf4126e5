"""Samples what each launched process uses, once a second; resources are evidence, too."""

import json
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import psutil

from harness.core.clock import Clock
from harness.core.layer import Layer

_SECONDS = 1.0


class Sampler:
    """Appends a line per process and second to resources.ndjson until it is stopped."""

    def __init__(self, layer: Layer, out: Path, pids: Callable[[], Mapping[str, int]], clock: Clock) -> None:
        self._layer = layer
        self._out = out
        self._pids = pids
        self._clock = clock
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sampler", daemon=True)

    def start(self) -> None:
        """Begin to sample."""
        self._thread.start()

    def stop(self) -> None:
        """Take the last sample and end."""
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        with self._out.open("ab", buffering=0) as out:
            is_last = False
            while not is_last:
                is_last = self._over.wait(_SECONDS)
                for name, pid in self._pids().items():
                    sample = sample_of(pid)
                    if sample is not None:
                        at = self._clock.now().isoformat(timespec="milliseconds")
                        record = {"at": at, "layer": self._layer.value, "process": name, **sample}
                        out.write(json.dumps(record).encode() + b"\n")


def sample_of(pid: int) -> Mapping[str, float] | None:
    """Return what a process and its children use together, or None when it is gone."""
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
    except psutil.Error:
        return None
    sums = {"cpu_seconds": 0.0, "rss_bytes": 0.0, "open_files": 0.0, "threads": 0.0}
    for member in _alive(family):
        sums = {name: value + member[name] for name, value in sums.items()}
    return {
        "cpu_seconds": round(sums["cpu_seconds"], 3),
        **{name: int(sums[name]) for name in ("rss_bytes", "open_files", "threads")},
    }


def _alive(family: Iterable[psutil.Process]) -> Iterable[Mapping[str, float]]:
    for process in family:
        try:
            with process.oneshot():
                times = process.cpu_times()
                yield {
                    "cpu_seconds": times.user + times.system,
                    "rss_bytes": process.memory_info().rss,
                    "open_files": process.num_fds(),
                    "threads": process.num_threads(),
                }
        except psutil.Error:  # it ended between listing and asking
            continue
