"""An origin has one spelling, whatever a person wrote."""

from __future__ import annotations

import socket

import pytest

from livebreak.connections.origins import HostError, is_loopback, is_public, listens, origin_of, with_scheme


@pytest.mark.parametrize(
    ("written", "origin"),
    [
        ("https://livebreak.example", "https://livebreak.example"),
        ("HTTPS://LiveBreak.Example:443/below/", "https://livebreak.example"),
        ("http://livebreak.example:443", "http://livebreak.example:443"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("http://[::1]:8137", "http://[::1]:8137"),
    ],
)
def test_an_origin_is_scheme_host_and_port(written: str, origin: str) -> None:
    assert origin == origin_of(written)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "livebreak.example",
        "ftp://a.example",
        "https://",
        "http://[",
        "http://a:b",
        "http://a.example?x=1",
        "http://a b",
        "https://ä.example",
        "https://xn--a.example",
        "http://1.2.3.999",
        "http://127.0.0.1:0",
        "http://127.0.0.1:99999",
    ],
)
def test_what_is_no_address_is_said(written: str) -> None:
    with pytest.raises(HostError, match=r"write it as https://livebreak\.example"):
        origin_of(written)


def test_a_password_in_an_address_is_not_repeated() -> None:
    with pytest.raises(HostError) as raised:
        origin_of("https://ada:secret@livebreak.example")
    assert "secret" not in str(raised.value)


def test_the_scheme_that_is_left_out_is_the_safe_one() -> None:
    typed = ("127.0.0.1:8137", "localhost:1", "livebreak.example/", "http://livebreak.example")

    assert ["http://127.0.0.1:8137", "http://localhost:1", "https://livebreak.example", "http://livebreak.example"] == [
        with_scheme(host) for host in typed
    ]


def test_only_this_machine_is_loopback() -> None:
    hosts = (
        "http://127.0.0.1:1",
        "http://127.8.8.8",
        "http://[::1]",
        "http://localhost",
        "http://localhost.example",
        "http://10.0.0.1",
        "",
    )

    assert [True, True, True, True, False, False, False] == [is_loopback(host) for host in hosts]


def test_a_public_address_is_told_from_a_private_one() -> None:
    hosts = ("http://8.8.8.8", "http://10.1.2.3", "http://127.0.0.1", "http://name.invalid")

    assert [True, False, False, False] == [is_public(host) for host in hosts]


def test_whether_something_listens_is_seen() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        origin = f"http://127.0.0.1:{server.getsockname()[1]}"
        assert listens(origin)
    assert not listens(origin)
