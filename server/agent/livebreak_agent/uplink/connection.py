"""An open, authenticated way to the backend: TCP, TLS, proxies, and where a key may go in clear."""

from __future__ import annotations

import base64
import http.client
import ipaddress
import socket
import ssl
import urllib.request
from urllib.parse import unquote, urlsplit

from livebreak_agent import native
from livebreak_agent.settings import Address

CONNECT_SECONDS = 10.0
"""For TCP, TLS and a proxy's answer together with each send: beyond it the network is as good as gone."""


class Unreachable(Exception):
    """The backend could not be asked; the text is a sentence for a person."""


def connect(address: Address, context: ssl.SSLContext | None) -> socket.socket:
    """A connected socket in blocking mode with `CONNECT_SECONDS` as its time-out.

    `context` is needed for https alone (`tls_context()`). `Unreachable` says what stands in the way.
    """
    try:
        if address.secure:
            return _connect_tls(address, context or tls_context())
        return _connect_plain(address)
    except Unreachable:
        raise
    except Exception as error:  # noqa: BLE001 -- resolvers, proxies and TLS fail in many types, and all mean the same here
        raise Unreachable(explain(error, address)) from None


def tls_context() -> ssl.SSLContext:
    """Certificates are always verified, against the system's authorities or those in SSL_CERT_FILE and SSL_CERT_DIR."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


def is_private(address: Address) -> bool:
    """Whether a key would leave this machine in clear, to a private network: allowed, but worth a warning."""
    try:
        return not address.secure and not all(ipaddress.ip_address(ip).is_loopback for ip in _resolve(address))
    except OSError:
        return False


def explain(error: Exception, address: Address) -> str:
    """The sentence for a failure below HTTP."""
    if isinstance(error, ssl.SSLCertVerificationError):
        reason = error.verify_message
        return (
            f"{address} has a certificate that is not trusted ({reason}); set SSL_CERT_FILE if it is of an authority of your own."
        )
    if isinstance(error, ssl.SSLError):
        reason = error.reason or "handshake failed"
        return f"{address} does not speak TLS as expected ({reason}); check that LIVEBREAK_HOST should be https."
    if isinstance(error, socket.gaierror):
        return f"The name {address.host} cannot be resolved; check LIVEBREAK_HOST."
    if isinstance(error, ConnectionRefusedError):
        return f"Nothing listens at {address}; check LIVEBREAK_HOST and that the backend runs."
    if isinstance(error, TimeoutError):
        return f"{address} does not answer within {CONNECT_SECONDS:g} seconds; check LIVEBREAK_HOST and the network."
    if isinstance(error, OSError):
        return f"{address} cannot be reached ({error.strerror or error}); check LIVEBREAK_HOST and the network."
    return f"{address} cannot be reached ({type(error).__name__}); check LIVEBREAK_HOST."


def _connect_tls(address: Address, context: ssl.SSLContext) -> socket.socket:
    proxy = _proxy(address.host)
    if proxy is None:
        connection = http.client.HTTPSConnection(address.host, address.port, timeout=CONNECT_SECONDS, context=context)
    else:
        host, port, headers = proxy
        connection = http.client.HTTPSConnection(host, port, timeout=CONNECT_SECONDS, context=context)
        connection.set_tunnel(address.host, address.port, headers)
    connection.connect()
    opened: socket.socket = connection.sock
    return opened


def _proxy(host: str) -> tuple[str, int, dict[str, str]] | None:
    """The proxy for https, as the environment (https_proxy, all_proxy, no_proxy) or the system's settings have it."""
    proxies = urllib.request.getproxies()
    url = proxies.get("https") or proxies.get("all")
    if not url or urllib.request.proxy_bypass(host):
        return None
    split = urlsplit(url if "://" in url else f"http://{url}")
    if split.scheme != "http" or not split.hostname:
        raise Unreachable("The proxy in https_proxy is not one that is spoken to by http; write it as http://proxy.example:3128.")
    headers = {}
    if split.username is not None:
        credentials = f"{unquote(split.username)}:{unquote(split.password or '')}"
        headers["Proxy-Authorization"] = "Basic " + base64.b64encode(credentials.encode()).decode()
    return split.hostname, split.port or 80, headers


def _connect_plain(address: Address) -> socket.socket:
    """Connect to the very addresses that were checked, so that a second look-up cannot lead elsewhere."""
    failure: OSError | None = None
    for ip in _resolve(address):
        checked = ipaddress.ip_address(ip)
        if not (checked.is_loopback or checked.is_private):
            raise Unreachable(f"{address} is a public address, where plain http would show your key to others; use https.")
        try:
            opened = _open(ip, address.port)
        except OSError as error:
            failure = error
            continue
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return opened
    raise failure or OSError("the name has no address")


def _open(ip: str, port: int) -> socket.socket:
    """A connected socket of the system's, whatever gevent has put in its place: see `native`."""
    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    opened: socket.socket = native.original(socket, "socket")(family, socket.SOCK_STREAM)
    try:
        opened.settimeout(CONNECT_SECONDS)
        opened.connect((ip, port))
    except BaseException:
        opened.close()
        raise
    return opened


def _resolve(address: Address) -> list[str]:
    found = native.original(socket, "getaddrinfo")(address.host, address.port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]).partition("%")[0] for *_, sockaddr in found))
