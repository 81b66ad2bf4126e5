"""The published table: how many mutants each package has, how they ended, and who lived on and why."""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from tests.mutation.results import LIVING, PACKAGES, End, Mutant

#: Of the mutants that no crash and no time limit gives away, what assertions have to tell apart.
LEAST_KILLED = Fraction(90, 100)


_PREFACE = """\
# Mutation testing of the harness's own rules

Made by `tox -e mutation`; never edited. mutmut plants one small fault at a time in a function of
`harness/scoring`, `harness/judges` or `harness/core`, and the tests that reach it are run. The kill rate is
*by assertion*: of the mutants that neither crashed nor hung, those that a failed assertion told apart.
Survivors stay in the denominator, equivalent ones too. Crashes and time-outs are counted apart: a test fell
over the mutant without saying what is right, mostly on an argument that was taken away or became None.

| package | mutants | by assertion | by crash | by time-out | survived | not covered | kill rate | of all |
|---|---|---|---|---|---|---|---|---|""".splitlines()
_LIMITS = """
Not mutated: code at module level, properties and other decorated functions, which mutmut leaves out; and of
`harness/core` what lives in processes and sockets (`guardian`, `spawn`, `relay`, `channel`), where a mutant
hangs the machine rather than a test: these are held by tests on real processes.

Not run: the tests of the oracle of `prove`, and those of other packages. A mutant that only they tell apart
counts as a survivor.

## Survivors

""".splitlines()


def rate(mutants: Sequence[Mutant]) -> Fraction:
    """Return the kill rate by assertion: kills by assertion among those and all that lived."""
    ends = Counter(mutant.end for mutant in mutants)
    told = ends[End.ASSERTION] + sum(ends[end] for end in LIVING)
    return Fraction(ends[End.ASSERTION], told) if told else Fraction(0)


def to_json(mutants: Sequence[Mutant], unmeasured: Sequence[str] = ()) -> dict[str, Any]:
    """Return what mutation.json holds; `unmeasured` are modules that came after the last run."""
    return {
        "schema": "mutation/1",
        "tool": "mutmut 3.8.1",
        "packages": {name: _row([item for item in mutants if item.package == name]) for name in PACKAGES},
        "all": _row(mutants),
        "crashes": dict(Counter(item.exception for item in mutants if item.exception).most_common()),
        "unmeasured": sorted(unmeasured),
        "survivors": [
            {
                "name": item.name,
                "function": item.function,
                "end": item.end.value,
                "was": item.was,
                "now": item.now,
                "reason": item.reason,
            }
            for item in mutants
            if item.end in LIVING
        ],
    }


def to_markdown(record: dict[str, Any]) -> str:
    """Return mutation.md from mutation.json."""
    rows = [(f"harness/{name}", row) for name, row in record["packages"].items()]
    rows.append(("all", record["all"]))
    crashes = ", ".join(f"{name} {count}" for name, count in record["crashes"].items())
    lines = [*_PREFACE, *(_line(name, row) for name, row in rows), "", f"Crashes by exception: {crashes}."]
    if record["unmeasured"]:
        lines += ["", f"Not measured yet: {', '.join(f'`{name}`' for name in record['unmeasured'])}."]
    lines += _LIMITS
    for item in record["survivors"]:
        lines += [
            f"- `{item['name']}` ({item['end']}): {item['reason'] or 'no reason given yet'}",
            "",
            "  ```diff",
            f"  - {item['was']}",
            f"  + {item['now']}",
            "  ```",
        ]
    return "\n".join(lines) + "\n"


def _row(mutants: Sequence[Mutant]) -> dict[str, Any]:
    ends = Counter(mutant.end for mutant in mutants)
    killed = rate(mutants)
    of_all = Fraction(ends[End.ASSERTION], len(mutants)) if mutants else Fraction(0)
    return {
        "mutants": len(mutants),
        **{end.value: ends[end] for end in End},
        "kill_rate": _percent(killed),
        "of_all": _percent(of_all),
    }


def _percent(share: Fraction) -> float:
    """Return a share in percent, rounded down to one decimal."""
    return (share.numerator * 1000 // share.denominator) / 10


def _line(name: str, row: dict[str, Any]) -> str:
    ends = (End.ASSERTION, End.CRASH, End.TIMEOUT, End.SURVIVED, End.NOT_COVERED)
    counted = " | ".join(str(row[end.value]) for end in ends)
    return f"| {name} | {row['mutants']} | {counted} | {row['kill_rate']} % | {row['of_all']} % |"
