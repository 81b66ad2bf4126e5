"""A row of the benchmark: what we measure, its yardstick beside it, and the ratio that has a goal."""

from dataclasses import dataclass

HEAD = f"{'what / yardstick':58} {'unit':>12} {'ours':>10} {'yardstick':>10} {'ratio':>7}  goal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One measurement. A rate is better when it is high, a time or a size when it is low."""

    name: str
    unit: str
    ours: float
    yardstick: float
    goal: str = ""

    def __str__(self) -> str:
        """Return one line of the table."""
        figures = f"{self.ours:10.2f} {self.yardstick:10.2f} {self.ours / self.yardstick:7.2f}"
        return f"{self.name:58} {self.unit:>12} {figures}  {self.goal}".rstrip()
