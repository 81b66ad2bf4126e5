"""What a run may cost a deployment where its owner said nothing: little, unless it is on this machine."""

from urllib.parse import urlsplit

from harness.core.target import Limits, Target

_HERE = frozenset({"127.0.0.1", "localhost", "::1"})

#: Somebody else may be using it.
_ELSEWHERE = Limits(requests=20_000, requests_per_second=20.0)
#: What runs beside us is asked as fast as it answers; the number only ends what would have no end.
_BESIDE = Limits(requests=200_000)


def limits_for(target: Target) -> Limits:
    """Return the limits of an attached target; a launched one is thrown away and has none."""
    if target.is_launched:
        return Limits()
    usual = _BESIDE if is_here(target.base_url) else _ELSEWHERE
    stated = target.limits
    return Limits(
        requests=stated.requests or usual.requests,
        requests_per_second=stated.requests_per_second or usual.requests_per_second,
        seconds=stated.seconds,
    )


def narrowed(stated: Limits, asked: Limits) -> Limits:
    """Return the limits of a target file with those of the command line before them."""
    return Limits(
        requests=asked.requests or stated.requests,
        requests_per_second=asked.requests_per_second or stated.requests_per_second,
        seconds=asked.seconds or stated.seconds,
    )


def is_here(url: str) -> bool:
    """Whether a URL is of this machine."""
    return (urlsplit(url).hostname or "") in _HERE
