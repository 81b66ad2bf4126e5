"""Which declared operation a request hit."""

from harness.core.operation import Operation, Operations

_OPERATIONS = Operations(
    (
        Operation(method="GET", path="/members/me"),
        Operation(method="DELETE", path="/members/{id}"),
        Operation(method="GET", path="/health"),
    ),
    prefix="/api",
)


def test_a_path_outside_the_base_path_hits_no_operation() -> None:
    assert _OPERATIONS.find("GET", "/health") is None
    assert _OPERATIONS.find("GET", "/apiary/health") is None
    found = _OPERATIONS.find("GET", "/api/health")
    assert found is not None
    assert found.subject == "GET /health"


def test_a_literal_path_wins_but_every_template_may_allow_a_method() -> None:
    assert _OPERATIONS.methods_at("/api/members/me") == {"GET"}
    assert _OPERATIONS.methods_matching("/api/members/me") == {"GET", "DELETE"}
