"""What the machine says about the way to Telegram: proxies, and whose certificates to believe."""

import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from urllib.request import getproxies, proxy_bypass

import certifi
from yarl import URL


@dataclass(frozen=True, slots=True)
class Proxies:
    """Which way leads where.

    Attributes:
        by_scheme: The proxy for "http", for "https", and for "all" others.
        known: The way to each server that was asked for.
    """

    by_scheme: Mapping[str, str] = field(default_factory=dict)
    known: dict[URL, URL | None] = field(default_factory=dict)

    def for_url(self, url: URL) -> URL | None:
        """The proxy that leads to an address, or None for the straight way."""
        if not self.by_scheme:
            return None
        server = url.origin()
        if server not in self.known:
            self.known[server] = self._look(server)
        return self.known[server]

    def _look(self, server: URL) -> URL | None:
        proxy = self.by_scheme.get(server.scheme) or self.by_scheme.get("all")
        if not proxy or proxy_bypass(f"{server.host}:{server.port}"):
            return None
        return URL(proxy if "://" in proxy else f"http://{proxy}")


def proxies() -> Proxies:
    """The proxies of the environment (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY) as it is now."""
    return Proxies({scheme: proxy for scheme, proxy in getproxies().items() if scheme != "no"})


@cache
def trusted() -> ssl.SSLContext:
    """The authorities to believe: SSL_CERT_FILE or SSL_CERT_DIR where one is set, else the bundled ones."""
    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    context = ssl.create_default_context(cafile=file or (None if folder else certifi.where()), capath=folder)
    context.set_alpn_protocols(["http/1.1"])
    return context
