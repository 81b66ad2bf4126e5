"""Which declared operation a request hit."""

import pytest

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


def at(base: str, prefix: str = "") -> Operations:
    return Operations((Operation(method="GET", path="/health"),), prefix=prefix).under(base)


@pytest.mark.parametrize(
    ("base", "prefix", "full"),
    [
        ("", "", ""),
        ("/", "/api", "/api"),
        ("/shop", "", "/shop"),
        ("/shop/", "/api", "/shop/api"),
        ("/shop/api", "/api", "/shop/api"),
        ("/shop/api/", "/api", "/shop/api"),
        ("/X/shopX", "", "/X/shopX"),
    ],
)
def test_operations_live_below_what_the_target_is_mounted_at_and_a_prefix_is_not_repeated(
    base: str, prefix: str, full: str
) -> None:
    operations = at(base, prefix)

    assert operations.full_prefix == full
    assert operations.find("GET", f"{full}/health") is not None
    assert operations.find("GET", f"/other{full}/health") is None
    assert len(operations) == 1


@pytest.mark.parametrize("mount", ["/shop", "/shop/", "/shop//"])
def test_a_mount_may_end_with_a_slash(mount: str) -> None:
    operations = Operations((Operation(method="GET", path="/health"),), mount=mount)

    assert operations.mount == "/shop"
    assert operations.find("GET", "/shop/health") is not None
    assert Operations((), mount="/shopX").mount == "/shopX"
