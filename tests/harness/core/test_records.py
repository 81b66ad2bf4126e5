"""Records survive the trip to JSON and back, whatever is in them."""

import json

from hypothesis import given
from hypothesis import strategies as st

from harness.core.exchange import Exchange, Request, Response, exchange_from_json, exchange_to_json
from harness.core.finding import Finding, Measurement, finding_from_json, finding_to_json, fingerprint
from harness.core.layer import Layer
from harness.core.operation import Operation, Operations
from harness.core.outcome import Outcome, dominant

TEXT = st.text(max_size=20)
HEADERS = st.lists(st.tuples(TEXT, TEXT), max_size=3).map(tuple)
REQUESTS = st.builds(Request, method=TEXT, target=TEXT, headers=HEADERS, body=st.none() | TEXT)
RESPONSES = st.builds(
    Response, status=st.integers(100, 599), headers=HEADERS, body=st.none() | TEXT, is_truncated=st.booleans()
)
EXCHANGES = st.builds(
    Exchange,
    id=TEXT,
    layer=st.sampled_from(Layer),
    step=TEXT,
    identity=TEXT,
    fault_active=st.booleans(),
    request=REQUESTS,
    response=st.none() | RESPONSES,
    gap=TEXT,
)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
FINDINGS = st.builds(
    Finding,
    requirement=TEXT,
    subject=TEXT,
    outcome=st.sampled_from(Outcome),
    reason=TEXT,
    layer=st.sampled_from(Layer),
    producer=TEXT,
    exchanges=st.lists(TEXT, max_size=3).map(tuple),
    measurements=st.dictionaries(
        TEXT,
        st.builds(
            Measurement,
            value=NUMBERS,
            low=NUMBERS,
            high=NUMBERS,
            limit=st.none() | NUMBERS,
            samples=st.integers(0, 9),
        ),
        max_size=2,
    ),
)


@given(EXCHANGES)
def test_an_exchange_read_back_is_the_same(exchange: Exchange) -> None:
    assert exchange_from_json(json.loads(json.dumps(exchange_to_json(exchange)))) == exchange


@given(FINDINGS)
def test_a_finding_read_back_is_the_same(finding: Finding) -> None:
    assert finding_from_json(json.loads(json.dumps(finding_to_json(finding, target="t")))) == finding


@given(TEXT, TEXT, TEXT)
def test_a_fingerprint_tells_its_parts_apart(requirement: str, subject: str, target: str) -> None:
    here = fingerprint(requirement, subject, target)

    assert here == fingerprint(requirement, subject, target)
    assert here != fingerprint(requirement, subject, target + "x")
    assert here != fingerprint(requirement + "x", subject, target)


def test_header_names_are_found_in_any_case() -> None:
    request = Request(method="GET", target="/a?b=1", headers=(("Accept", "a"), ("ACCEPT", "b")))

    assert request.header("accept") == "a"
    assert request.all("accept") == ("a", "b")
    assert request.path == "/a"


@given(st.lists(st.sampled_from(Outcome)))
def test_a_fail_is_never_masked_and_silence_is_never_a_pass(outcomes: list[Outcome]) -> None:
    decided = dominant(outcomes)

    assert (decided is Outcome.FAIL) == (Outcome.FAIL in outcomes)
    if not outcomes:
        assert decided is Outcome.INCONCLUSIVE
    if decided is Outcome.PASS:
        assert set(outcomes) <= {Outcome.PASS, Outcome.NOT_APPLICABLE}


def test_a_path_beside_the_base_path_hits_no_operation() -> None:
    operations = Operations([Operation(method="GET", path="/")], prefix="/v1")

    assert operations.find("GET", "/v1/") is not None
    assert operations.find("GET", "/") is None
