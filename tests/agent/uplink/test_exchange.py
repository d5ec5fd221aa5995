"""One connection: answers in every form and in pieces, proxies, what is kept and what is begun anew."""

import contextlib
import email.utils
import os
import select
import socket
import threading
import time

import pytest

from livebreak_agent import settings
from livebreak_agent.uplink.backoff import LONGEST_RETRY_AFTER, Backoff, retry_after
from livebreak_agent.uplink.connection import Unreachable
from livebreak_agent.uplink.exchange import LARGEST_ANSWER, Exchange, Request
from livebreak_agent.uplink.wake import Wake


@contextlib.contextmanager
def scripted(*connections):
    """A server whose connections each receive one request at a time and answer it with the next pieces of bytes."""
    listener = socket.create_server(("127.0.0.1", 0))
    requests = []

    def serve():
        for answers in connections:
            connection, _ = listener.accept()
            with connection:
                for pieces in answers:
                    request = b""
                    while b"\r\n\r\n" not in request and (data := connection.recv(65536)):
                        request += data
                    if not request:
                        break
                    requests.append(request)
                    with contextlib.suppress(OSError):
                        for piece in pieces:
                            connection.sendall(piece)
                            time.sleep(0.01)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    with listener:
        yield settings.parse_address(f"http://127.0.0.1:{listener.getsockname()[1]}"), requests


def ask(exchange, method="GET", path="/"):
    exchange.send(Request(method=method, path=path))
    end = time.monotonic() + 20
    while time.monotonic() < end:
        select.select([exchange.fileno()], [], [], 1)
        answer = exchange.receive()
        if answer is not None:
            return answer
    raise AssertionError("no answer")


@pytest.mark.parametrize(
    ("pieces", "status", "body"),
    [
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"], 200, b"hello"),
        ([b"HTTP/1.1 20", b"0 OK\r\nContent-Le", b"ngth: 5\r\n\r", b"\nhe", b"llo"], 200, b"hello"),
        (
            [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"5\r\nhel", b"lo\r\n1", b"\r\n!\r\n0\r\n", b"\r\n"],
            200,
            b"hello!",
        ),
        ([b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n'], 304, b""),
        ([b"HTTP/1.1 204 No Content\r\n\r\n"], 204, b""),
        ([b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"], 200, b"ok"),
    ],
)
def test_an_answer_is_complete_when_its_last_byte_is_there(pieces, status, body):
    with scripted([pieces, pieces]) as (address, requests):
        exchange = Exchange(address)
        for _ in range(2):  # Over the same connection: nothing of the first is left for the second.
            answer = ask(exchange)
            assert (status, body) == (answer.status, answer.body)
        exchange.close()
    assert len(requests) == 2


def test_a_body_without_a_length_goes_on_until_the_connection_is_closed():
    with scripted([[b"HTTP/1.0 200 OK\r\n\r\nhel", b"lo"]], [[b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"]]) as (address, _):
        exchange = Exchange(address)
        assert ask(exchange).body == b"hello"
        assert ask(exchange).body == b""
        exchange.close()


def test_a_connection_that_was_closed_in_between_is_replaced():
    answer = [b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1"]
    with scripted([answer], [answer]) as (address, requests):
        exchange = Exchange(address)
        ask(exchange)
        select.select([exchange.fileno()], [], [], 10)
        ask(exchange)
        exchange.close()
    assert len(requests) == 2


@pytest.mark.parametrize(
    ("pieces", "sentence"),
    [
        ([b"SSH-2.0-OpenSSH_9.6\r\n\r\n"], "does not answer in HTTP"),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel"], "cannot be reached"),
        ([b""], "cannot be reached"),
        ([b"HTTP/1.1 200 OK\r\n\r\n", b"x" * (LARGEST_ANSWER + 1)], "answers with more than 8 MiB"),
    ],
)
def test_what_is_no_whole_answer_is_said(pieces, sentence):
    with scripted([pieces]) as (address, _):
        exchange = Exchange(address)
        with pytest.raises(Unreachable, match=sentence):
            ask(exchange)


def test_a_request_is_what_http_wants():
    with scripted([[b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"]]) as (address, requests):
        exchange = Exchange(settings.parse_address(f"{address}/below/"))
        exchange.send(Request(method="POST", path="/batch/?a=1", headers={"X-One": "1"}, body=b"body"))
        select.select([exchange.fileno()], [], [], 10)
        exchange.close()
    head, _, body = requests[0].partition(b"\r\n\r\n")
    first, *headers = head.decode().split("\r\n")
    assert first == "POST /below/batch/?a=1 HTTP/1.1"
    assert {f"Host: {address.netloc}", "Accept-Encoding: identity", "X-One: 1", "Content-Length: 4"} == set(headers)
    assert body == b"body"


class Proxy:
    """Lets CONNECT through, wherever it is asked for."""

    def __init__(self):
        self.requests = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://ada:hunter%202@127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.tunnel, args=(connection,), daemon=True).start()

    def tunnel(self, connection):
        request = b""
        while b"\r\n\r\n" not in request:
            request += connection.recv(65536)
        self.requests.append(request.decode())
        host, _, port = request.split()[1].decode().rpartition(":")
        other = socket.create_connection((host, int(port)))
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        threading.Thread(target=self.copy, args=(other, connection), daemon=True).start()
        self.copy(connection, other)

    @staticmethod
    def copy(source, target):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)


@pytest.fixture
def proxy(monkeypatch):
    for name in ("http_proxy", "all_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    opened = Proxy()
    monkeypatch.setenv("https_proxy", opened.url)
    yield opened
    opened.listener.close()


def test_https_goes_through_the_proxy_of_the_environment(secure_peer, proxy):
    exchange = Exchange(settings.parse_address(secure_peer.host))
    assert ask(exchange, path="/anything").status == 401
    exchange.close()
    assert proxy.requests[0].startswith(f"CONNECT localhost:{secure_peer.port} HTTP/1.")
    assert "Proxy-Authorization: Basic YWRhOmh1bnRlciAy" in proxy.requests[0]


def test_no_proxy_is_honoured(secure_peer, proxy, monkeypatch):
    monkeypatch.setenv("no_proxy", "localhost")
    exchange = Exchange(settings.parse_address(secure_peer.host))
    assert ask(exchange, path="/anything").status == 401
    exchange.close()
    assert proxy.requests == []


def test_plain_http_never_goes_through_a_proxy(peer, proxy, monkeypatch):
    monkeypatch.setenv("http_proxy", proxy.url)
    exchange = Exchange(settings.parse_address(peer.host))
    assert ask(exchange, path="/anything").status == 401
    exchange.close()
    assert proxy.requests == []


def test_patience_doubles_up_to_a_minute_with_jitter():
    patience = Backoff()
    waits = [patience.failed() for _ in range(20)]
    assert 0.125 <= waits[0] <= 0.25
    assert 0.5 <= waits[2] <= 1.0
    assert 30 <= min(waits[10:]) <= max(waits[10:]) <= 60
    assert len(set(waits[10:])) > 1
    patience.succeeded()
    assert patience.failed() <= 0.25


def test_a_server_may_ask_for_more_patience():
    assert retry_after({"retry-after": "7"}) == 7.0
    assert 7.0 <= Backoff().failed(7.0) <= 8.4
    assert 3500 > LONGEST_RETRY_AFTER >= retry_after({"retry-after": email.utils.formatdate(time.time() + 3600, usegmt=True)})
    assert 50 < retry_after({"retry-after": email.utils.formatdate(time.time() + 60, usegmt=True)}) <= 60
    assert [None] * 3 == [retry_after(headers) for headers in ({}, {"retry-after": "soon"}, {"retry-after": "-1"})]


def test_a_wake_is_seen_once_however_often_it_was_set():
    wake = Wake()
    fileno = wake.fileno()
    wake.clear()
    for _ in range(3):
        wake.set()
    assert select.select([fileno], [], [], 10)[0] == [fileno]
    assert wake.clear()
    assert select.select([fileno], [], [], 0)[0] == []
    assert not wake.clear()
    wake.set()
    assert select.select([fileno], [], [], 10)[0] == [fileno]


def test_no_wake_is_lost_between_threads():
    wake, seen, total = Wake(), 0, 20_000
    done = []

    def set_often():
        for number in range(total):
            done.append(number)
            wake.set()

    thread = threading.Thread(target=set_often)
    thread.start()
    while seen < total:  # As the loop does it.
        fileno = wake.fileno()
        wake.clear()
        seen = len(done)
        assert seen == total or select.select([fileno], [], [], 10)[0], (seen, len(done))
    thread.join()


def test_a_pipe_whose_number_was_given_to_another_file_is_not_written_to(tmp_path):
    wake = Wake()
    reading = wake.fileno()
    writing = wake._pipe[1]
    with (tmp_path / "ledger").open("wb") as ledger:
        for number in (reading, writing):
            os.dup2(ledger.fileno(), number)
        wake.clear()
        wake.set()
        assert (tmp_path / "ledger").read_bytes() == b""
        wake.forget()
        os.fstat(reading)  # Not closed: it is somebody else's.
        os.close(reading)
        os.close(writing)
    assert wake.fileno() >= 0
