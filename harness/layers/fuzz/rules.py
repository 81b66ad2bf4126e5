"""Which Schemathesis check speaks for which requirement, and when it really applied.

Schemathesis records "success" also for checks that had nothing to look at. Here stands, per check, when its
success proves something and when its failure is no fault of the target.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from harness.core.operation import Operation
from harness.layers.fuzz.report import Mode, SentCase

RESPONSES_MATCH = "api.responses-match-schema"
STATUSES_DOCUMENTED = "api.status-codes-documented"
CONTENT_TYPES_DOCUMENTED = "api.content-types-documented"
VALID_ACCEPTED = "api.valid-requests-accepted"
METHODS_NAMED = "api.method-not-allowed-names-methods"
GRAPHQL_MATCH = "graphql.responses-match-schema"
NO_SERVER_ERRORS = "errors.no-server-errors"
INVALID_REFUSED = "errors.invalid-input-refused"
AUTH_ENFORCED = "security.authentication-enforced"

#: Requirements that no other producer judges: what fuzzing could not reach is said, with the reason. For the
#: others silence is right, because an inconclusive finding would outweigh another layer's pass.
SOLE = frozenset({RESPONSES_MATCH, VALID_ACCEPTED, GRAPHQL_MATCH, INVALID_REFUSED})

#: Requests malformed in their shape on purpose; only a server error in answer to them means anything.
_SHAPE_PROBES = frozenset({"unspecified_http_method", "malformed_content_type", "unsupported_content_type"})

_INPUT_REFUSALS = frozenset({400, 404, 405, 406, 409, 411, 412, 413, 414, 415, 422, 428, 431})
_VALID_ANSWERS = frozenset({404, 409, 410, 412})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One check: what it speaks for, when a success proves, when a failure is excused."""

    check: str
    requirement: str
    reason: str
    expected: str
    proves: Callable[[SentCase, Operation], bool]
    excuses: Callable[[SentCase, Operation], bool]


def is_shape_probe(case: SentCase) -> bool:
    """Whether the request was malformed in its very shape (method, content type)."""
    return case.scenario in _SHAPE_PROBES


def _answered(case: SentCase, operation: Operation) -> bool:
    return case.status is not None and case.method == operation.method and not is_shape_probe(case)


def _never(_case: SentCase, _operation: Operation) -> bool:
    return False


def _is_unknown_method(case: SentCase, _operation: Operation) -> bool:
    """RFC 9110 9.1 lets a server answer 501 to a method it does not know."""
    return case.status == 501 and case.scenario == "unspecified_http_method"


def _is_throttled_undocumented(case: SentCase, _operation: Operation) -> bool:
    """Our own traffic brings on a 429; it is not held against the target."""
    return case.status == 429


def _is_untyped_by_right(case: SentCase, operation: Operation) -> bool:
    """What has no body has no media type, and what a framework writes beside nothing describes nothing."""
    return not case.has_body or _is_throttled_undocumented(case, operation)


def _is_not_seen_as_invalid(case: SentCase, operation: Operation) -> bool:
    """A field without a value is an empty list to HTTP (RFC 9110 5.6.1.2), and reads like one left out."""
    fields = case.request.headers if case.request else ()
    is_sent_empty = any(not value and name.lower() in case.description.lower() for name, value in fields)
    return is_sent_empty or _is_throttled_undocumented(case, operation)


def _is_read_otherwise(case: SentCase, _operation: Operation) -> bool:
    """OpenAPI 3.1 does not say whether a stream's schema is that of the whole text or of one event.

    And Schemathesis takes a file of YAML for what stands in it, where the document has a text.
    """
    return case.media_type == "text/event-stream" or case.media_type.endswith("yaml")


def _has_documented_type(case: SentCase, operation: Operation) -> bool:
    if not _answered(case, operation):
        return False
    documented = media_types_for(operation, case.status or 0)
    if documented is None:
        return False
    return bool(documented) == case.has_body or case.method == "HEAD"


def _has_documented_body(case: SentCase, operation: Operation) -> bool:
    """A body of a documented media type, or none where none is documented."""
    if not _has_documented_type(case, operation):
        return False
    documented = media_types_for(operation, case.status or 0) or ()
    return not case.has_body or case.media_type in documented


def _was_refused_for_input(case: SentCase, operation: Operation) -> bool:
    is_negative = case.mode is Mode.NEGATIVE and not is_shape_probe(case)
    return is_negative and case.method == operation.method and case.status in _INPUT_REFUSALS


def _was_taken(case: SentCase, operation: Operation) -> bool:
    is_valid = case.mode is Mode.POSITIVE and not case.has_negative_part
    if not is_valid or not _answered(case, operation) or case.status is None:
        return False
    if case.status in {401, 403}:
        return not operation.is_secured  # a sign-in understood the request and refuses who is named in it
    return 200 <= case.status < 400 or case.status in _VALID_ANSWERS


def _is_state_refusal(case: SentCase, operation: Operation) -> bool:
    """A schema promises which requests are well formed, not which credentials or versions exist now.

    A documented precondition (412, 428), a conflicting resource, or a throttle is a valid answer. So is a 422
    that is documented beside 400: what was well formed could not be carried out (RFC 9110 15.5.21). That a
    resource is gone or locked says, as 404 does, nothing of the request, documented or not (RFC 9110 15.5.11,
    RFC 4918 11.3).
    """
    if case.has_null_parameter or case.has_negative_part:
        # Documents made from optional parameters allow a null that no header can hold; and Schemathesis calls
        # a case valid whose header it could not make valid.
        return True
    is_state = case.status in {409, 412, 428, 429} and operation.documents(case.status or 0)
    is_meaning = case.status == 422 and {"400", "422"} <= set(operation.responses)
    return is_meaning or is_state or case.status in {410, 423}


def _authenticated_success(case: SentCase, operation: Operation) -> bool:
    return _answered(case, operation) and case.status is not None and 200 <= case.status < 300


RULES: Mapping[str, Rule] = {
    rule.check: rule
    for rule in (
        Rule(
            check="not_a_server_error",
            requirement=NO_SERVER_ERRORS,
            reason="server-error",
            expected="No request brings on a 5xx answer.",
            proves=_answered,
            excuses=_is_unknown_method,
        ),
        Rule(
            check="status_code_conformance",
            requirement=STATUSES_DOCUMENTED,
            reason="status-undocumented",
            expected="Every status answered is documented for the operation.",
            proves=_answered,
            excuses=_is_throttled_undocumented,
        ),
        Rule(
            check="content_type_conformance",
            requirement=CONTENT_TYPES_DOCUMENTED,
            reason="content-type-undocumented",
            expected="Every answer with a body has a media type that is documented for its status.",
            proves=_has_documented_type,
            excuses=_is_untyped_by_right,
        ),
        Rule(
            check="response_schema_conformance",
            requirement=RESPONSES_MATCH,
            reason="schema-violated",
            expected="Every answer's body matches the schema documented for its status.",
            proves=_has_documented_body,
            excuses=_is_read_otherwise,
        ),
        Rule(
            check="negative_data_rejection",
            requirement=INVALID_REFUSED,
            reason="invalid-accepted",
            expected="A request that the schema forbids is refused with a 4xx answer.",
            proves=_was_refused_for_input,
            excuses=_is_not_seen_as_invalid,
        ),
        Rule(
            check="positive_data_acceptance",
            requirement=VALID_ACCEPTED,
            reason="valid-refused",
            expected="A request that the schema allows is not refused as malformed.",
            proves=_was_taken,
            excuses=_is_state_refusal,
        ),
        Rule(
            check="ignored_auth",
            requirement=AUTH_ENFORCED,
            reason="authentication-ignored",
            expected="Without a credential, or with a wrong one, the answer is 401 or 403.",
            proves=_authenticated_success,
            excuses=_never,
        ),
    )
}

#: What Schemathesis is asked to check; `unsupported_method` makes it send undeclared methods.
CHECKS = (*RULES, "unsupported_method")


def media_types_for(operation: Operation, status: int) -> tuple[str, ...] | None:
    """Return the media types documented for a status (exact, range, default); None: undocumented."""
    for key in (str(status), f"{status // 100}XX", "default"):
        if key in operation.responses:
            return operation.responses[key]
    return None
