"""What a problem type means, in words: the pages that the `type` of a problem leads to."""

from collections.abc import Iterator

from reference_impl.kit.problem import Problem

_TEXT = """\
{title}

Answered with HTTP status {status}. {more}

A problem of this type says in `detail` what happened this time and in `instance` which path was asked;
`errors`, where there are any, point at the members of the request that are at fault. Quote `request_id`
when asking for help.
"""
_ADVICE = {
    401: "Sign in again and send the access token as a bearer token.",
    403: "Ask somebody who may grant the permission.",
    404: "Check the id; what belongs to others is answered in the same way as what does not exist.",
    405: "The Allow header lists the methods that exist.",
    409: "Read the resource again and decide what to do.",
    412: "Read the resource again and send its present ETag.",
    413: "Send less at once.",
    428: "Send If-Match with the ETag of the version that you change.",
    429: "Wait for as long as Retry-After says, then go on more slowly.",
    503: "Wait for as long as Retry-After says, then try again.",
}
_OTHERWISE = "Sending the same request again will not help; change what the problem names."
_OURS = "The cause is on our side; trying again later may help."


def explanation(slug: str) -> str | None:
    """Return the page of a problem type, or None when no problem has it."""
    problem = next((each for each in _all(Problem) if each.slug == slug), None)
    if problem is None:
        return None
    more = _ADVICE.get(problem.status, _OURS if problem.status >= 500 else _OTHERWISE)
    return _TEXT.format(title=problem.title, status=problem.status, more=more)


def _all(root: type[Problem]) -> Iterator[type[Problem]]:
    yield root
    for each in root.__subclasses__():
        yield from _all(each)
