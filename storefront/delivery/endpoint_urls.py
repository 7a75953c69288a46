"""What an endpoint's URL may look like. Where its name leads is looked at for each delivery. Pure."""

import ipaddress
import re
from typing import Final
from urllib.parse import urlsplit

from foundation.errors import Fault
from foundation.public_addresses import is_public

LONGEST_URL: Final = 2000
PLAIN: Final = re.compile("[!-~]+")
POINTER: Final = "/url"


def url_faults(url: str, *, is_local_allowed: bool) -> list[Fault]:
    """What is wrong with it. With `is_local_allowed` it may be http and name this machine."""
    host = _host(url)
    if host is None:
        form = "must look like https://shop.example.com/webhooks, without user or fragment"
        return [Fault(POINTER, "bad_url", form)]
    if is_local_allowed:
        return []
    if not url.startswith("https://"):
        return [Fault(POINTER, "https_required", "must begin with https://")]
    if _is_local(host):
        return [Fault(POINTER, "not_public", "must name a host on the public internet")]
    return []


def _host(url: str) -> str | None:
    """The host of a URL that can be used, None of any other."""
    if len(url) > LONGEST_URL or not re.fullmatch(r"https?://[^\s@#\\]+", url) or not PLAIN.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    return parts.hostname if port != 0 else None


def _is_local(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        name = host.rstrip(".").lower()
        return name == "localhost" or name.endswith((".localhost", ".local", ".internal"))
    return not is_public(host)
