"""The trace that a request came with goes on in its answer; what is no trace is not taken for one."""

import secrets

import httpx
import pytest

from harness.layers.scenarios.core_profile import Account
from harness.layers.scenarios.expect import asked

_ANSWERS = ("traceresponse", "traceparent")


def trace_of(answer: httpx.Response) -> str:
    """Return the trace id that an answer names."""
    given = next((answer.headers[name] for name in _ANSWERS if name in answer.headers), "")
    assert given, f"{asked(answer)} answered {answer.status_code} without a trace"
    parts = given.split("-")
    assert len(parts) >= 3, f"{asked(answer)} answered with the trace {given!r}"
    return parts[1]


@pytest.mark.requirement("monitoring.trace-context-echoed")
@pytest.mark.parametrize("path", ["/auth/me", "/api/hub/messages?limit=0", "/no/such/path", "/health/live"])
def test_an_answer_goes_on_with_the_trace_of_its_request(visitor: Account, path: str) -> None:
    """Successes and refusals alike are answered under the trace id that the request came with."""
    trace, span = secrets.token_hex(16), secrets.token_hex(8)

    answer = visitor.client.get(path, headers={"traceparent": f"00-{trace}-{span}-01"})

    seen = trace_of(answer)
    assert seen == trace, f"{asked(answer)} came with trace {trace} and is answered with {seen}"


@pytest.mark.requirement("monitoring.trace-context-echoed")
@pytest.mark.parametrize(
    "wrong",
    [
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"ff-{'4' * 32}-00f067aa0ba902b7-01",
        f"00-{'4' * 31}-00f067aa0ba902b7-01",
    ],
    ids=["all zeros", "version ff", "too short"],
)
def test_what_is_no_trace_is_replaced_by_one(visitor: Account, wrong: str) -> None:
    """A traceparent that is not valid is ignored, and the answer names a trace of its own."""
    answer = visitor.client.get("/auth/me", headers={"traceparent": wrong})

    seen = trace_of(answer)
    assert seen != wrong.split("-")[1], f"the trace of {wrong!r} is taken for one"
    assert len(seen) == 32, f"the answer's trace id is {seen!r}"
