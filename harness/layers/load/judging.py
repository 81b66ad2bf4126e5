"""Pure rules from what Locust measured to findings."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from harness.core.finding import Finding, Measurement
from harness.core.layer import Layer
from harness.core.outcome import Outcome
from harness.layers.load.histogram import Series, error_rate, latency
from harness.layers.load.slo import Objective

LATENCY = "load.operations-within-slo"
ERRORS = "load.errors-within-slo"
PRODUCER = "locust"

#: Above this share of one core the generator measures itself.
_BUSY_PERCENT = 85.0
#: Below this share of the rate that its users could keep, the generator did not keep up.
_LEAST_PACE = 0.7
#: Work beside the measurement that takes less of the machine than this explains nothing.
_CROWDED = 0.1


class Side(StrEnum):
    """Where an interval lies: wholly within the limit, wholly beyond it, or across it."""

    GOOD = "good"
    BAD = "bad"
    ACROSS = "across"


@dataclass(frozen=True, slots=True, kw_only=True)
class Generator:
    """How the generator fared: its CPU in per cent of one core, and what its users were to do.

    `others` is the share of the machine, 0 to 1, that work beside the measurement had.
    """

    cpu_percent: tuple[float, ...]
    others: float
    users: int
    rate_per_user: float
    seconds: float
    warned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Everything one run gave."""

    series: Mapping[str, Series]
    generator: Generator
    samples: Mapping[str, tuple[str, ...]]
    errors: Mapping[str, tuple[str, ...]]
    attachments: tuple[str, ...] = ()


def saturation(measured: Measured) -> str:
    """Return why the generator, not the target, was the limit; the empty string when it was not."""
    generator = measured.generator
    if generator.warned:
        return "Locust warned of its own CPU usage"
    if generator.cpu_percent and (busy := median(generator.cpu_percent)) > _BUSY_PERCENT:
        return f"the generator used {busy:.0f} % of a core"
    requests = sum(item.requests for item in measured.series.values())
    if not requests or generator.seconds <= 0:
        return ""
    # One request after the other, not their mean: a user who waits for a slow one does not catch up.
    waited = sum(item.seconds_of_users(1 / generator.rate_per_user) for item in measured.series.values())
    possible = generator.users * requests / waited
    achieved = requests / generator.seconds
    if achieved < _LEAST_PACE * possible:
        return f"{achieved:.1f} requests a second where {possible:.1f} were possible"
    return ""


def side(measurement: Measurement) -> Side:
    """Say where the whole interval lies with regard to the limit."""
    limit = measurement.limit if measurement.limit is not None else float("inf")
    if measurement.high <= limit:
        return Side.GOOD
    return Side.BAD if measurement.low > limit else Side.ACROSS


def _is_crowded_out(measurement: Measurement, generator: Generator) -> bool:
    """Whether the limit would be kept if the time were scaled to the part of the machine that was left."""
    limit = measurement.limit if measurement.limit is not None else float("inf")
    return generator.others > _CROWDED and measurement.low * (1 - generator.others) <= limit


def findings(objectives: Sequence[Objective], measured: Measured, *, seed: int) -> Iterator[Finding]:
    """Yield two findings per objective: its latency and its errors."""
    saturated = saturation(measured)
    for objective in objectives:
        series = measured.series.get(objective.name)
        latency_text = f"95 % of the answers within {objective.p95_ms:g} ms."
        error_text = f"At most {objective.error_rate:.1%} of the requests fail."
        if saturated or series is None or not series.requests:
            reason = "generator-saturated" if saturated else "not-exercised"
            seen = saturated or "No request of this name was answered."
            yield _finding(LATENCY, objective, Outcome.INCONCLUSIVE, reason, latency_text, seen)
            yield _finding(ERRORS, objective, Outcome.INCONCLUSIVE, reason, error_text, seen)
            continue
        yield _judged(
            LATENCY,
            objective,
            latency_text,
            "p95_ms",
            latency(series, limit=objective.p95_ms, seed=seed),
            measured,
        )
        yield _judged(
            ERRORS,
            objective,
            error_text,
            "error_rate",
            error_rate(series, limit=objective.error_rate),
            measured,
        )


def _judged(  # noqa: PLR0917 - one private step of `findings`
    requirement: str,
    objective: Objective,
    expected: str,
    name: str,
    measurement: Measurement,
    measured: Measured,
) -> Finding:
    match side(measurement):
        case Side.GOOD:
            outcome, reason = Outcome.PASS, "within-slo"
        case Side.BAD if requirement == LATENCY and _is_crowded_out(measurement, measured.generator):
            outcome, reason = Outcome.INCONCLUSIVE, "machine-busy"
        case Side.BAD:
            outcome, reason = Outcome.FAIL, "slo-broken"
        case Side.ACROSS:
            outcome, reason = Outcome.INCONCLUSIVE, "interval-across-limit"
    seen = f"{name} {measurement.value:g} [{measurement.low:g}, {measurement.high:g}]"
    seen += f" over {measurement.samples} requests."
    if reason == "machine-busy":
        seen += f" Other work had {measured.generator.others:.0%} of the machine, which may explain it."
    ids = measured.errors if requirement == ERRORS and outcome is not Outcome.PASS else measured.samples
    return _finding(
        requirement,
        objective,
        outcome,
        reason,
        expected,
        seen,
        measurements={name: measurement},
        exchanges=ids.get(objective.name, ())[:5],
        attachments=measured.attachments,
    )


def _finding(  # noqa: PLR0917 - one private step of `findings`
    requirement: str,
    objective: Objective,
    outcome: Outcome,
    reason: str,
    expected: str,
    seen: str,
    *,
    measurements: Mapping[str, Measurement] = {},
    exchanges: tuple[str, ...] = (),
    attachments: tuple[str, ...] = (),
) -> Finding:
    return Finding(
        requirement=requirement,
        subject=objective.name,
        outcome=outcome,
        reason=reason,
        layer=Layer.LOAD,
        producer=PRODUCER,
        expected=expected,
        seen=seen,
        measurements=measurements,
        exchanges=exchanges,
        attachments=attachments,
    )
