"""HTTP clients for a target: no proxies of the environment, and no TLS set-up where there is no TLS."""

import httpx


def client_of(url: str, *, seconds: float = 20.0, follow_redirects: bool = False) -> httpx.Client:
    """Return a client whose paths are relative to the URL.

    Loading the certificate store takes longer than most questions, so it is loaded for https only.
    """
    return httpx.Client(
        base_url=url,
        timeout=seconds,
        trust_env=False,
        follow_redirects=follow_redirects,
        verify=not url.startswith("http://"),
    )
