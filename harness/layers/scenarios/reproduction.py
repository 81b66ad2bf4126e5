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
_CREDENTIALS = frozenset({"authorization", "cookie", "x-api-key", "proxy-authorization"})


def curl(request: httpx.Request, *, base_url: str, base_name: str) -> str:
    """Return a curl command; the target's address is written as `base_name` and credentials as variables."""
    url = str(request.url)
    shown = base_name + url.removeprefix(base_url) if url.startswith(base_url) else url
    words = ["curl", "-sS", "-i", "-X", request.method, _in_double_quotes(shown)]
    for name, value in request.headers.items():
        if name in _OURS or (name == "accept" and value == "*/*"):
            continue
        kept = f"{value.partition(' ')[0]} $TOKEN" if name == "authorization" else "$SECRET"
        header = f"{name}: {kept if name in _CREDENTIALS else value}"
        words += ["-H", _in_double_quotes(header) if name in _CREDENTIALS else shlex.quote(header)]
    body = _body(request)
    if body:
        words += ["--data-binary", shlex.quote(body[:_LONGEST_BODY])]
    return " ".join(words)


def _in_double_quotes(text: str) -> str:
    """Quote so that a variable is still replaced."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("`", "\\`") + '"'


def _body(request: httpx.Request) -> str:
    try:
        return request.content.decode("utf-8", errors="replace")
    except httpx.RequestNotRead:
        return ""
