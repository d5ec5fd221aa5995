"""Where a key may go: an origin is a scheme, a host and a port, in one spelling."""

from __future__ import annotations

import ipaddress
import re
import socket
from urllib.parse import urlsplit

_NUMBERS = re.compile(r"\d+\.\d+\.\d+\.\d+")

_PORTS = {"http": 80, "https": 443}

LISTENS_WITHIN = 0.25
"""Seconds in which a backend on this machine accepts a connection; it takes a tenth of a millisecond."""


class HostError(ValueError):
    """One sentence: why this is no address of a backend."""


def origin_of(host: str) -> str:
    """`https://livebreak.example` of that and of `HTTPS://LiveBreak.example:443/path`. `HostError`."""
    try:
        split = urlsplit(host)
        port = split.port
    except ValueError:
        raise HostError(f"{_shown(host)} is no address; write it as https://livebreak.example.") from None
    if split.scheme not in _PORTS or not split.hostname or port == 0 or not _is_name(split.hostname):
        raise HostError(f"{_shown(host)} is no address; write it as https://livebreak.example.")
    if "@" in split.netloc:
        raise HostError("The address holds a user name or a password; the API key is all that the backend takes, so remove them.")
    if split.query or split.fragment or any(character <= " " or character == "\x7f" for character in host):
        raise HostError(f"{_shown(host)} is more than an address; write it as https://livebreak.example.")
    name = f"[{split.hostname}]" if ":" in split.hostname else split.hostname
    return f"{split.scheme}://{name}" + (f":{port}" if port is not None and port != _PORTS[split.scheme] else "")


def with_scheme(host: str) -> str:
    """What a person typed, as a URL: on this machine http, elsewhere https."""
    host = host.strip().rstrip("/")
    if "://" in host:
        return host
    return f"http://{host}" if is_loopback(f"http://{host}") else f"https://{host}"


def is_loopback(host: str) -> bool:
    """Whether the address, by its text alone, is of this machine. A name could be made to lead elsewhere, `localhost` apart."""
    try:
        name = urlsplit(host).hostname or ""
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def is_public(host: str) -> bool:
    """Whether any address behind the name is in no private network; one that cannot be resolved is not said to be."""
    try:
        found = socket.getaddrinfo(urlsplit(host).hostname, None, type=socket.SOCK_STREAM)
        addresses = [ipaddress.ip_address(str(sockaddr[0]).partition("%")[0]) for *_, sockaddr in found]
    except (OSError, ValueError):
        return False
    return not all(address.is_loopback or address.is_private for address in addresses)


def listens(origin: str) -> bool:
    """Whether something on this machine accepts connections there."""
    split = urlsplit(origin)
    try:
        socket.create_connection((split.hostname or "", split.port or _PORTS[split.scheme]), timeout=LISTENS_WITHIN).close()
    except OSError:
        return False
    return True


def _is_name(hostname: str) -> bool:
    """Whether it can be looked up: the HTTP library has no sentence for what cannot. International names are written as xn--."""
    try:
        if _NUMBERS.fullmatch(hostname):
            ipaddress.IPv4Address(hostname)
        elif "xn--" in hostname:
            hostname.encode("ascii").decode("idna")
    except ValueError:
        return False
    return hostname.isascii()


def _shown(host: str) -> str:
    """The text as it may be shown: whatever stands before an `@` may be a password."""
    return repr(host.rpartition("@")[2][:80])
