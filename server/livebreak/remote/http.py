"""Requests to one origin with one key, and answers turned into the vocabulary's types or into `RemoteError`s."""

from __future__ import annotations

import asyncio
import email.utils
import ipaddress
import json
import re
import socket
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

import httpx

from livebreak.sync.remotes import Missing, Occupied, Refused, Rejected, Unreachable
from livebreak_agent.vocabulary.codec import ShapeError, from_json

T = TypeVar("T")

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
"""Seconds; every route but the stream answers at once."""
LONGEST_EXCHANGE = 60.0
"""Seconds for a request with its whole answer: a server that sends a byte now and then must not hold a session for ever.
The largest page comes through a slow line, 1 MiB/s, in half of that."""
LARGEST_ANSWER = 32 * 1024 * 1024
"""Bytes: a page of 100 hits of 256 KiB is the largest thing that a backend of ours sends."""
_LARGEST_DETAIL = 300

_MISSING_SCOPE = re.compile(r"API key missing required scope '([a-z_]+:(?:read|write))'\.?")
_KEY = re.compile(r"ph[a-z]_\w+")


Withheld = Callable[[], str | None]


def never() -> None:
    """The key may go wherever the address leads."""


class Http:
    """One origin. The key goes there and nowhere else: redirects are not followed, links are not taken from answers.

    Parameters
    ----------
    host
        Such as ``https://livebreak.example``, with a path if the backend is below one.
    withheld
        Asked before each request in plain HTTP: a sentence if the key must not go there now, else None.
    """

    def __init__(self, host: str, api_key: str, *, withheld: Withheld = never) -> None:
        self.host = host.rstrip("/")
        self.client = httpx.AsyncClient(
            base_url=self.host,
            headers={"Authorization": f"Bearer {api_key}", "Accept": "application/json"},
            follow_redirects=False,
            # In plain HTTP the key is for this machine or a private network; a proxy of the environment is neither.
            mounts={"http://": _PlainHttp(withheld)},
            timeout=TIMEOUT,
        )

    async def get(self, kind: type[T], path: str, parameters: Mapping[str, str | int] | None = None) -> T:
        return self.shaped(kind, await self.request("GET", path, parameters=parameters))

    async def send(self, kind: type[T], method: str, path: str, body: object) -> T:
        return self.shaped(kind, await self.request(method, path, body=body))

    async def request(
        self, method: str, path: str, *, parameters: Mapping[str, str | int] | None = None, body: object = None
    ) -> Any:
        """The decoded JSON of a 2xx answer, None if it has no body."""
        arguments: dict[str, Any] = {"params": parameters} if parameters else {}
        if body is not None:
            arguments["json"] = body
        try:
            async with asyncio.timeout(LONGEST_EXCHANGE), self.client.stream(method, path, **arguments) as response:
                content = await read_content(self.host, response)
        except TimeoutError:
            raise Unreachable(f"{self.host} does not answer in time.") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise unreachable(self.host, error) from None
        raise_for_status(self.host, response, content)
        if not content:
            return None
        try:
            return json.loads(content)
        except (ValueError, RecursionError):
            raise Unreachable(f"{self.host} answered something that is not JSON; is it a LiveBreak backend?") from None

    def shaped(self, kind: type[T], data: Any) -> T:
        try:
            return from_json(kind, data)
        except ShapeError as error:
            raise Unreachable(
                f"{self.host} answered in an unknown form ({one_line(str(error))}); is one side outdated?"
            ) from None


class _PlainHttp(httpx.AsyncHTTPTransport):
    """The door for all that goes out in clear, however its host was named: only into private networks and this machine."""

    def __init__(self, withheld: Withheld) -> None:
        super().__init__()
        self._withheld = withheld

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host = f"{request.url.scheme}://{request.url.netloc.decode('ascii')}"
        if (reason := self._withheld()) is not None:
            raise Unreachable(reason)
        if await _is_public(request.url.host):
            raise Refused(f"{host} is a public address, where plain http would show your key to others; use https.")
        return await super().handle_async_request(request)


async def _is_public(name: str) -> bool:
    """Whether any address behind the name is in no private network; of one that cannot be resolved the request will say so."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(name, None, type=socket.SOCK_STREAM)
        addresses = [ipaddress.ip_address(str(sockaddr[0]).partition("%")[0]) for *_, sockaddr in found]
    except (OSError, ValueError):
        return False
    return not all(address.is_loopback or address.is_private for address in addresses)


def unreachable(host: str, error: httpx.HTTPError | httpx.InvalidURL) -> Unreachable:
    """The sentence for a failure below HTTP."""
    if isinstance(error, httpx.TimeoutException):
        return Unreachable(f"{host} does not answer in time.")
    if isinstance(error, httpx.RemoteProtocolError | httpx.ReadError):
        return Unreachable(f"{host} broke the connection off in the middle.")
    if isinstance(error, httpx.DecodingError):
        return Unreachable(f"{host} answered something that cannot be unpacked; is a proxy in between?")
    # A library's text may quote a header, and what it quotes may come from anybody.
    cause = _KEY.sub("<key>", one_line(str(error))) or type(error).__name__
    return Unreachable(f"{host} cannot be reached ({cause}).")


def one_line(text: str) -> str:
    """Words from elsewhere, for a sentence: on one line, bounded, and nothing in them that a screen would obey."""
    return "".join(character if character.isprintable() else " " for character in text)[:_LARGEST_DETAIL]


async def read_content(host: str, response: httpx.Response) -> bytes:
    """The body, up to `LARGEST_ANSWER`."""
    content = bytearray()
    async for chunk in response.aiter_bytes():
        content += chunk
        if len(content) > LARGEST_ANSWER:
            raise Unreachable(f"{host} sent more than {LARGEST_ANSWER // 2**20} MiB in one answer; it was cut off.")
    return bytes(content)


def raise_for_status(host: str, response: httpx.Response, content: bytes) -> None:
    """Turn an answer that is not 2xx into the `RemoteError` that it means."""
    status = response.status_code
    if status < 300:
        return
    detail = _detail(content)
    match status:
        case 401:
            raise Refused(f"{host} does not know this API key. Make one with `livebreak keys create`, and connect again.")
        case 403:
            raise Refused(f"{host} refuses: {_with_way_out(detail or 'the API key has no access to this project.')}")
        case 404 if detail == "Project not found.":
            raise Refused(f"{host} has no such project. Check LIVEBREAK_PROJECT.")
        case 404:
            raise Missing(f"{host} does not have it (any more).")
        case 409:
            raise Occupied(detail or f"{host} has it already.")
        case 429 | 503:
            raise Unreachable(f"{host} asks for patience ({status}).", retry_after=_retry_after(response))
        case _ if status >= 500:
            raise Unreachable(f"{host} has trouble of its own ({status}).")
        case _ if status < 400:
            raise Refused(f"{host} redirects to another address; set LIVEBREAK_HOST to that address if you trust it.")
        case _:
            raise Rejected(detail or f"{host} did not accept it ({status}).")


def _with_way_out(detail: str) -> str:
    """A refusal that names a scope, by the contract's sentence, tells how to have a key with it."""
    scope = _MISSING_SCOPE.fullmatch(detail)
    if scope is None:
        return detail
    return f"{scope[0].rstrip('.')}. Make one that has it with `livebreak keys create --scope {scope[1]}`, and connect again."


def _detail(content: bytes) -> str | None:
    """The `detail` of the contract's error body, on one line and bounded: it may come from anybody."""
    try:
        detail = json.loads(content).get("detail")
    except (ValueError, AttributeError, RecursionError):
        return None
    if not isinstance(detail, str):
        return None
    return one_line(detail)


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds, of a header that holds a number of them or a date; None of anything else."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:_LONGEST_NUMBER])
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return max((moment - datetime.now(UTC)).total_seconds(), 0.0)


_LONGEST_NUMBER = 18
