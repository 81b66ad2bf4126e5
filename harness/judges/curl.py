"""A recorded request as a shell line that anybody can run; secrets stay placeholders."""

import shlex

from harness.core.exchange import Request

#: What curl sets itself, what belongs to one connection, and what only the harness reads.
_LEFT_OUT = frozenset(
    {
        "host",
        "content-length",
        "connection",
        "keep-alive",
        "transfer-encoding",
        "te",
        "upgrade",
        "accept-encoding",
        "harness-step",
        "harness-identity",
    }
)


def curl(request: Request, base_url: str) -> str:
    """Return a curl line; the base URL is the one of the run, put your own in its place."""
    words = ["curl", "-i"]
    if request.method == "HEAD":
        words.append("-I")
    elif request.method != "GET" or request.body:
        words += ["-X", request.method]
    for name, value in request.headers:
        if name.lower() not in _LEFT_OUT:
            words += ["-H", f"{name}: {value}"]
    prefix = ""
    if request.body and request.body_is_base64:
        prefix = f"printf %s {shlex.quote(request.body)} | base64 -d | "
        words += ["--data-binary", "@-"]
    elif request.body:
        words += ["--data-raw", request.body]
    origin = "/".join(base_url.split("/", 3)[:3])  # the target holds the whole path
    words.append(origin + request.target)
    return prefix + shlex.join(words)
