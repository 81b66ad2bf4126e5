"""The judges of HTTP's own rules call wrong what is wrong, and leave alone what only looks so."""

from collections.abc import Iterable

import pytest

from harness.core.exchange import Exchange
from harness.core.operation import Operation
from harness.core.outcome import Outcome
from harness.judges import (
    cache_directives,
    declared_content,
    error_formats,
    errors_in_success,
    field_syntax,
    health_truth,
    problem_members,
    redirects,
    undocumented_statuses,
    unique_request_ids,
)
from harness.judges.examples import JSON, exchange, item_operation, problem, recorded
from harness.judges.field_syntax import is_http_date
from harness.judges.judging import judge_all
from harness.judges.protocol import Judge


def outcome_of(judge: Judge, *exchanges: Exchange, requirement: str = "", **known: object) -> Outcome | None:
    """Return what a judge says of exchanges; None when it keeps still."""
    wanted = requirement or judge.requirements[0]
    found = [
        item.outcome
        for item in judge.judge(recorded(*exchanges, **known))  # type: ignore[arg-type] - passed on as given
        if item.requirement == wanted
    ]
    return found[0] if found else None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ETag", 'W/"a"'),
        ("ETag", '""'),
        ("Last-Modified", "Thu, 26 Nov 2026 08:00:00 GMT"),
        ("Retry-After", "120"),
        ("Retry-After", "Thu, 26 Nov 2026 08:00:00 GMT"),
        ("Location", "/items/1?x=%20#top"),
        ("Location", "/callback?code={{secret:code:0123abcd}}"),
        ("Allow", ""),
        ("Allow", "GET, HEAD,"),
        ("Vary", "*"),
        ("Cache-Control", 'private="set-cookie", max-age=0'),
        ("Link", '</items?page=2>; rel="next", </items?page=9>; rel=last'),
        ("Link", "</style.css>; rel=preload; as=style; nopush"),
        ("Content-Type", 'text/html; charset="utf-8"'),
        ("Content-Type", "multipart/mixed; boundary=a;"),
        ("Content-Range", "bytes 0-0/*"),
        ("Content-Range", "items 0-9/100"),
    ],
)
def test_a_field_as_http_has_it_passes(name: str, value: str) -> None:
    told = exchange(200, headers={name: value})

    assert outcome_of(field_syntax.JUDGE, told, requirement="http.fields-well-formed") is Outcome.PASS


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ETag", "a"),
        ("ETag", 'w/"a"'),
        ("Last-Modified", "2026-11-26T08:00:00Z"),
        ("Last-Modified", "Mon, 26 Nov 2026 08:00:00 GMT"),
        ("Retry-After", "soon"),
        ("Retry-After", "-1"),
        ("Location", "/a path"),
        ("Allow", "GET; HEAD"),
        ("Link", 'https://example.org/2; rel="next"'),
        ("Link", "</items?page=2>"),
        ("Content-Type", "json"),
        ("Content-Range", "bytes 0-0"),
        ("Cache-Control", "max-age = 60 seconds"),
    ],
)
def test_a_field_that_does_not_parse_fails(name: str, value: str) -> None:
    told = exchange(200, headers={name: value})

    assert outcome_of(field_syntax.JUDGE, told, requirement="http.fields-well-formed") is Outcome.FAIL


def test_a_204_that_announces_content_fails_and_one_of_length_zero_does_not() -> None:
    def told(length: str) -> Outcome | None:
        answer = exchange(204, headers={"Content-Length": length})
        return outcome_of(field_syntax.JUDGE, answer, requirement="http.fields-well-formed")

    assert (told("2"), told("0")) == (Outcome.FAIL, Outcome.PASS)


def test_a_401_without_its_scheme_fails_and_an_error_page_without_date_says_nothing() -> None:
    def told(status: int, **headers: str) -> Outcome | None:
        answer = exchange(status, headers=headers)
        return outcome_of(field_syntax.JUDGE, answer, requirement="http.required-fields-sent")

    assert told(401) is Outcome.FAIL
    assert told(401, **{"WWW-Authenticate": "Bearer"}) is Outcome.PASS
    assert told(400) is None


def test_a_date_must_fall_on_its_weekday() -> None:
    assert is_http_date("Thu, 26 Nov 2026 08:00:00 GMT")
    assert not is_http_date("Fri, 26 Nov 2026 08:00:00 GMT")
    assert not is_http_date("Thu, 31 Nov 2026 08:00:00 GMT")


@pytest.mark.parametrize("media_type", [JSON, "application/problem+json"])
def test_content_that_is_not_the_json_it_claims_to_be_fails(media_type: str) -> None:
    def told(body: str) -> Outcome | None:
        return outcome_of(declared_content.JUDGE, exchange(200, body, media_type=media_type))

    assert (told('{"a": 1}'), told("{'a': 1}"), told('{"a": Infinity}')) == (
        Outcome.PASS,
        Outcome.FAIL,
        Outcome.FAIL,
    )


def test_event_streams_and_json_lines_are_no_json_text() -> None:
    lines = exchange(200, '{"a": 1}\n{"a": 2}\n', media_type="application/x-ndjson")

    assert outcome_of(declared_content.JUDGE, lines) is None


@pytest.mark.parametrize(
    ("value", "outcome"),
    [
        ("no-store", Outcome.PASS),
        ("no-store, max-age=0", Outcome.PASS),
        ("no-cache, no-store, must-revalidate", Outcome.PASS),
        ("public, max-age=60, immutable", Outcome.PASS),
        ("public, private", Outcome.FAIL),
        ("no-store, max-age=3600", Outcome.FAIL),
        ("max-age=soon", Outcome.FAIL),
    ],
)
def test_directives_that_exclude_one_another_fail(value: str, outcome: Outcome) -> None:
    told = exchange(200, headers={"Cache-Control": value})

    assert outcome_of(cache_directives.JUDGE, told) is outcome


@pytest.mark.parametrize(
    ("asked", "location", "outcome"),
    [
        ("/items/", "/items", Outcome.PASS),
        ("/items/", "http://127.0.0.1:8000/items", Outcome.PASS),
        ("/items/", "http://127.0.0.1:9999/items", Outcome.PASS),
        ("/items/", "http://internal.example/items", Outcome.FAIL),
        ("/sign-in", "https://accounts.example/authorize", Outcome.PASS),
    ],
)
def test_only_a_mended_path_must_stay_on_its_origin(asked: str, location: str, outcome: Outcome) -> None:
    told = exchange(307, target=asked, headers={"Location": location})

    assert outcome_of(redirects.JUDGE, told) is outcome


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ('{"success": false, "message": "no such item"}', Outcome.FAIL),
        ('{"status": "error", "message": "no"}', Outcome.FAIL),
        ('{"status": 404, "detail": "no"}', Outcome.FAIL),
        ('{"error": "no such item"}', Outcome.FAIL),
        ('{"error": null}', Outcome.PASS),
        ('{"errors": [{"line": 3}]}', Outcome.PASS),
        ('{"ok": false}', Outcome.PASS),
        ('{"id": 1, "status": "failed", "error": "out of paper"}', Outcome.PASS),
        ('{"message": "deleted"}', Outcome.PASS),
        ('{"status": 200, "message": "done"}', Outcome.PASS),
        ('{"code": 404}', Outcome.PASS),
    ],
)
def test_only_a_body_that_says_nothing_but_failure_is_one(body: str, outcome: Outcome) -> None:
    told = exchange(200, body)

    assert outcome_of(errors_in_success.JUDGE, told, operations=[item_operation()]) is outcome


def test_errors_of_two_formats_fail_and_one_error_alone_says_nothing() -> None:
    page = exchange(500, "<p>no</p>", media_type="text/html", name="scenarios-2")

    def told(*exchanges: Exchange) -> Outcome | None:
        return outcome_of(error_formats.JUDGE, *exchanges, operations=[item_operation()])

    assert (told(problem(404), page), told(page)) == (Outcome.FAIL, None)


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ('{"type": "about:blank", "status": 404}', Outcome.PASS),
        ('{"title": "No", "errors": []}', Outcome.PASS),
        ('{"status": "404"}', Outcome.FAIL),
        ('{"detail": ["no"]}', Outcome.FAIL),
        ('{"type": "not a uri"}', Outcome.FAIL),
    ],
)
def test_members_of_a_problem_have_their_types(body: str, outcome: Outcome) -> None:
    told = exchange(404, body, media_type="application/problem+json")

    assert outcome_of(problem_members.JUDGE, told) is outcome


@pytest.mark.parametrize(
    ("status", "word", "outcome"),
    [
        (200, "up", Outcome.PASS),
        (503, "DOWN", Outcome.PASS),
        (200, "degraded", None),
        (200, "down", Outcome.FAIL),
        (503, "ok", Outcome.FAIL),
    ],
)
def test_health_is_held_against_its_own_words(status: int, word: str, outcome: Outcome | None) -> None:
    told = exchange(status, f'{{"status": "{word}"}}', target="/health/ready")

    assert outcome_of(health_truth.JUDGE, told, requirement="monitoring.health-status-agrees") is outcome


def test_the_health_of_one_thing_among_many_is_not_the_service_s() -> None:
    told = exchange(200, '{"status": "down"}', target="/api/breakers/payments/health")

    assert outcome_of(health_truth.JUDGE, told, requirement="monitoring.health-status-agrees") is None


def test_an_id_that_the_client_sent_twice_is_no_repetition() -> None:
    def told(name: str, **sent: str) -> Exchange:
        return exchange(200, "{}", name=name, sent=sent, headers={"X-Request-ID": "mine"})

    echoed = [told(f"scenarios-{number}", **{"X-Request-ID": "mine"}) for number in (1, 2)]
    invented = [told(f"scenarios-{number}") for number in (1, 2)]

    assert outcome_of(unique_request_ids.JUDGE, *echoed) is not Outcome.FAIL
    assert outcome_of(unique_request_ids.JUDGE, *invented) is Outcome.FAIL


@pytest.mark.parametrize(
    ("status", "sent", "outcome"),
    [
        (304, {"If-None-Match": '"a"'}, None),
        (206, {"Range": "bytes=0-0"}, None),
        (412, {"If-Match": '"a"'}, None),
        (415, {"Content-Type": "text/csv"}, None),
        (400, {"Content-Type": "multipart/form-data"}, None),
        (400, {"Content-Type": "multipart/form-data; boundary=b"}, Outcome.FAIL),
        (400, {"Content-Type": "text/csv"}, Outcome.FAIL),
        (304, {}, Outcome.FAIL),
        (418, {"If-Match": '"a"'}, Outcome.FAIL),
    ],
)
def test_what_http_answers_to_a_field_need_not_be_documented(
    status: int, sent: dict[str, str], outcome: Outcome | None
) -> None:
    told = exchange(status, sent=sent)

    assert outcome_of(undocumented_statuses.JUDGE, told, operations=[item_operation(s200=(JSON,))]) is outcome


def test_what_http_answers_to_a_field_does_not_hide_another_answer() -> None:
    part, odd = exchange(206, sent={"Range": "bytes=0-0"}), exchange(418, name="scenarios-2")

    (found,) = undocumented_statuses.JUDGE.judge(
        recorded(part, odd, operations=[item_operation(s200=(JSON,))])
    )

    assert found.exchanges == ("scenarios-2",)


def _judged(exchanges: Iterable[Exchange], operations: list[Operation]) -> dict[tuple[str, str], str]:
    found = judge_all(recorded(*exchanges, operations=operations))
    return {(item.requirement, item.subject): item.outcome.value for item in found}


def test_a_wrong_base_path_is_one_fault_of_the_document() -> None:
    lost = [
        exchange(404, '{"detail": "Not Found"}', name=f"scenarios-{number}", target=path)
        for number, path in enumerate(("/items", "/jobs", "/no-such-path"), start=1)
    ]
    operations = [
        Operation(method="GET", path=path, responses={"200": (JSON,)}) for path in ("/items", "/jobs")
    ]

    found = _judged(lost, operations)

    assert found["docs.server-address-true", "target"] == "fail"
    assert not [name for name, subject in found if subject.startswith("GET ")]


def test_one_operation_that_is_not_there_is_its_own_fault() -> None:
    told = [
        exchange(200, "[]", target="/items"),
        exchange(404, '{"detail": "Not Found"}', name="scenarios-2", target="/jobs"),
        exchange(404, '{"detail": "Not Found"}', name="scenarios-3", target="/no-such-path"),
    ]
    operations = [Operation(method="GET", path=path) for path in ("/items", "/jobs")]

    found = _judged(told, operations)

    assert found["docs.operations-implemented", "GET /jobs"] == "fail"
    assert found["docs.operations-implemented", "GET /items"] == "pass"
    assert found["docs.server-address-true", "target"] == "pass"


def test_an_id_that_does_not_exist_does_not_make_its_operation_missing() -> None:
    told = [
        exchange(404, '{"detail": "Not Found"}', target="/items/7"),
        exchange(404, '{"detail": "Not Found"}', name="scenarios-2", target="/no-such-path"),
    ]

    found = _judged(told, [item_operation(s200=(JSON,), s404=(JSON,))])

    assert ("docs.operations-implemented", "GET /items/{id}") not in found


def test_a_refused_mutation_by_get_says_nothing_of_the_resource() -> None:
    told = exchange(
        405, target="/graphql?query=mutation%20%7Ba%7D", headers={"Allow": "POST"}, name="scenarios-1"
    )
    operations = [Operation(method=method, path="/graphql") for method in ("GET", "POST")]

    found = _judged([told], operations)

    assert ("docs.operations-implemented", "GET /graphql") not in found
    assert ("api.method-not-allowed-names-methods", "target") not in found


def test_who_is_not_let_in_learns_nothing_of_what_is_there() -> None:
    told = [
        exchange(401, '{"detail": "Who are you?"}', target="/jobs"),
        exchange(401, '{"detail": "Who are you?"}', name="scenarios-2", target="/no-such-path"),
    ]

    found = _judged(told, [Operation(method="GET", path="/jobs")])

    assert ("docs.operations-implemented", "GET /jobs") not in found


def test_each_readiness_that_tells_no_dependency_is_named_so_that_a_repetition_confirms_the_first() -> None:
    bare = [
        exchange(200, '{"status": "up"}', name=f"scenarios-{at}", target="/health/ready") for at in (1, 2)
    ]

    (found,) = [
        each
        for each in health_truth.JUDGE.judge(recorded(*bare, dependencies=("db",)))
        if each.requirement == "integrations.dependencies-in-health"
    ]

    assert (found.outcome, found.exchanges) == (Outcome.FAIL, ("scenarios-1", "scenarios-2"))


def test_nobody_is_asked_to_tell_of_dependencies_that_nobody_named() -> None:
    bare = exchange(200, '{"status": "up"}', target="/health/ready")
    wanted = "integrations.dependencies-in-health"

    assert outcome_of(health_truth.JUDGE, bare, requirement=wanted) is None
    assert outcome_of(health_truth.JUDGE, bare, requirement=wanted, dependencies=("db",)) is Outcome.FAIL


def test_one_readiness_that_tells_its_dependencies_speaks_for_all() -> None:
    bare = exchange(200, '{"status": "up"}', target="/health/ready")
    telling = exchange(200, '{"status": "up", "checks": {"db": "up"}}', name="scenarios-2", target="/ready")

    told = outcome_of(
        health_truth.JUDGE,
        bare,
        telling,
        requirement="integrations.dependencies-in-health",
        dependencies=("db",),
    )

    assert told is Outcome.PASS
