"""A shell line that repeats a scenario's last request, without its secrets."""

import shlex

import httpx

_LONGEST_BODY = 2000
_OURS = frozenset(
    {
        "host",
        "accept-encoding",
        "connection",
        "user-agent",
        "content-length",
        "harness-step",
        "harness-identity",
    }
)
_CREDENTIALS = frozenset({"cookie", "x-api-key", "proxy-authorization"})


def curl(request: httpx.Request, *, base_url: str, base_name: str) -> str:
    """Return a curl command; the target's address is written as `base_name` and credentials as variables."""
    words = ["curl", "-sS", "-i", "-X", request.method, _address(str(request.url), base_url, base_name)]
    for name, value in request.headers.items():
        if name in _OURS or (name == "accept" and value == "*/*"):
            continue
        if name == "authorization":
            words += ["-H", f'"authorization: {"Basic" if value.startswith("Basic") else "Bearer"} $TOKEN"']
        elif name in _CREDENTIALS:
            words += ["-H", f'"{name}: $SECRET"']
        else:
            words += ["-H", shlex.quote(f"{name}: {value}")]
    body = _body(request)
    if body:
        words += ["--data-binary", shlex.quote(body[:_LONGEST_BODY])]
    return " ".join(words)


def _address(url: str, base_url: str, base_name: str) -> str:
    """Only the base may be a variable of the shell; everything after it is taken literally."""
    if not url.startswith(base_url):
        return shlex.quote(url)
    base = f'"{base_name}"' if base_name.startswith("$") else base_name
    return base + shlex.quote(url.removeprefix(base_url))


def _body(request: httpx.Request) -> str:
    try:
        return request.content.decode("utf-8", errors="replace")
    except httpx.RequestNotRead:
        return ""
