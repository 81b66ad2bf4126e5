"""The load layer's canary: a little real load on a service that is quick and on one that is slow."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from harness.layers.load.generator import Ended, Generating, Volume
from harness.layers.load.histogram import latency
from harness.layers.load.judging import Side, side
from harness.plan.engine import CanaryVerdict
from harness.target.canary_service import Variant, canary_service

_LOCUSTFILE = Path(__file__).with_name("canary_locustfile.py")
_VOLUME = Volume(users=6, rate_per_user=5, seconds=2.0, warm_up=0.0)
_LIMIT_MS = 250.0
_SECONDS = 30.0
_EXPECTED = {"good": Side.GOOD, "bad": Side.BAD}


def told_apart(scratch: Path) -> CanaryVerdict:
    """Drive both variants side by side and hold each against the same limit."""
    variants: tuple[Variant, Variant] = ("good", "bad")
    with ThreadPoolExecutor(max_workers=2) as pool:
        sides = dict(zip(variants, pool.map(lambda variant: _side(variant, scratch), variants), strict=True))
    detail = "; ".join(f"{variant}: {found or 'nothing measured'}" for variant, found in sides.items())
    return CanaryVerdict(told_apart=sides == _EXPECTED, detail=detail)


def _side(variant: Variant, scratch: Path) -> Side | None:
    folder = scratch / f"load-{variant}"
    generating = Generating(folder=folder, log=scratch / f"load-{variant}.log", redact=lambda line: line)
    with canary_service(variant, scratch) as url:
        ended: Ended = generating.run(_LOCUSTFILE, url, _VOLUME, environ={}, limit=_SECONDS)
    series = (ended.series or {}).get("slow")
    if series is None or not series.requests:
        return None
    return side(latency(series, limit=_LIMIT_MS, seed=1))
