"""HTTP clients for a target: no proxies of the environment, and no TLS set-up where there is no TLS."""

import ssl
from collections.abc import Callable
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path

import httpx

from harness.core.errors import UsageProblem
from harness.core.target import Tls


def client_of(
    url: str,
    *,
    seconds: float = 20.0,
    follow_redirects: bool = False,
    tls: Tls | None = None,
    pace: Callable[[httpx.Request], None] | None = None,
) -> httpx.Client:
    """Return a client whose paths are relative to the URL; `pace` is called before each request.

    Loading the certificate store takes longer than most questions, so it is loaded for https only.
    """
    return httpx.Client(
        base_url=url,
        timeout=seconds,
        trust_env=False,
        follow_redirects=follow_redirects,
        event_hooks={"request": [pace] if pace else []},
        verify=False if url.startswith("http://") else context_of(tls or Tls()),
    )


def forgetful() -> CookieJar:
    """Return where no cookie is kept: what is asked as nobody is not asked as whoever was signed in."""
    return CookieJar(policy=DefaultCookiePolicy(allowed_domains=()))


def context_of(tls: Tls) -> ssl.SSLContext:
    """Return how certificates are checked; raises UsageProblem for a file of authorities that is none."""
    context = httpx.create_ssl_context(trust_env=False)
    if not tls.is_verified:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif tls.ca:
        try:
            context.load_verify_locations(Path(tls.ca))
        except (OSError, ssl.SSLError) as problem:
            raise UsageProblem(f"tls_ca: {tls.ca} holds no certificate: {problem}") from problem
    return context
