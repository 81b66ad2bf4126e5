"""Reads metrics in the Prometheus text format."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

_SAMPLE = re.compile(r"^(?P<name>[A-Za-z_:][\w:]*)(?:\{(?P<labels>.*)\})?\s+(?P<value>\S+)")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One line of the exposition."""

    name: str
    labels: Mapping[str, str]
    value: float


@dataclass(frozen=True, slots=True)
class Samples:
    """Everything a scrape gave."""

    all: tuple[Sample, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a scrape; comments and what is no sample are passed over."""
        return cls(tuple(_parse(text)))

    def total(self, name: str, **labels: str) -> float:
        """Return the sum over all samples of a name that carry these labels."""
        return sum(
            each.value
            for each in self.all
            if each.name == name and labels.items() <= dict(each.labels).items()
        )

    def has(self, name: str) -> bool:
        """Whether there is any sample of this name."""
        return any(each.name == name for each in self.all)


def _parse(text: str) -> Iterator[Sample]:
    for line in text.splitlines():
        if (found := _SAMPLE.match(line)) and (value := _number(found["value"])) is not None:
            labels = {
                name: value.replace('\\"', '"') for name, value in _LABEL.findall(found["labels"] or "")
            }
            yield Sample(name=found["name"], labels=labels, value=value)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
