"""The other end of the agent's uplink: a small real HTTP server that speaks the live routes, and can be made to fail."""

import collections
import gzip
import http.server
import json
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import threading
import time
import urllib.parse
import uuid
from datetime import UTC, datetime

import pytest

from livebreak_agent import settings
from livebreak_agent.uplink.armed import Held
from livebreak_agent.uplink.contact import Contact
from livebreak_agent.uplink.loop import Loop, Uplink
from livebreak_agent.uplink.notices import Notices
from livebreak_agent.uplink.parts import Parts
from livebreak_agent.uplink.reports import Reports
from livebreak_agent.uplink.sending import Stopping
from livebreak_agent.uplink.wake import Wake
from livebreak_agent.vocabulary.model import Binding, BindingState, Hit, Process

SECRET_KEY = "phs_0123456789abcdef"
TOKEN = "phc_fedcba9876543210"


class Peer:
    """A backend with one project; everything is told under one lock, and `until` waits for what is expected."""

    def __init__(self, certificate=None):
        self.certificate = certificate
        self.changed = threading.Condition()
        self.requests = []
        """(method, path with query, headers) of every request, as it came."""
        self.reports = []
        self.batches = []
        """Bodies that were answered 200."""
        self.goodbyes = []
        self.failures = []
        """[method, part of the path, how often, status, headers]: what is answered instead."""
        self.breakpoints = []
        self.version = 0
        self.lease_seconds = 120
        self.clock_ahead = 0.0
        """Seconds."""
        self.longest_wait = 25
        self.known = None
        """Process ids that have reported, or None if the peer does not care."""
        self.is_live = True
        self.sends_etag = True
        self.connections = set()
        self.port = 0
        self.server = None
        self.open()

    @property
    def host(self):
        return f"http{'s' if self.certificate else ''}://localhost:{self.port}"

    def open(self):
        self.server = Server(("127.0.0.1", self.port), self)
        self.port = self.server.server_address[1]
        if self.certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self):
        """Die: nothing listens any more, and open connections are cut."""
        self.server.shutdown()
        self.server.server_close()
        with self.changed:
            self.version += 1
            for connection in self.connections:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue
            self.connections.clear()
            self.changed.notify_all()

    def arm(self, *breakpoints):
        with self.changed:
            self.breakpoints = list(breakpoints)
            self.version += 1
            self.changed.notify_all()

    def fail(self, method, part, status, times=1, headers=None):
        with self.changed:
            self.failures.append([method, part, times, status, headers or {}])

    def until(self, condition, timeout=20):
        """What the condition gives as soon as it is true, looked at after each request."""
        end = time.monotonic() + timeout
        with self.changed:
            while not (result := condition(self)):
                assert time.monotonic() < end, (condition.__code__.co_firstlineno, self.requests[-5:], self.reports[-1:])
                self.changed.wait(0.05)
            return result

    def count(self, method, part):
        return sum(method == was and part in path for was, path, _ in self.requests)

    @property
    def hits(self):
        return [event for batch in self.batches for event in batch["batch"]]

    @property
    def bindings(self):
        return {binding["breakpoint_id"]: binding for binding in self.reports[-1]["bindings"]} if self.reports else {}

    def answer(self, method, url, headers, body):
        """Status, headers and JSON of the answer, or None in place of the status to cut the connection."""
        path = url.path.removeprefix("/api/projects/@current")
        with self.changed:
            self.requests.append((method, path + ("?" + url.query if url.query else ""), headers))
            self.changed.notify_all()
            for failure in self.failures:
                if failure[0] == method and failure[1] in path and failure[2] > 0:
                    failure[2] -= 1
                    return failure[3], failure[4], {"detail": "made to fail"}
            if headers.get("Authorization") != f"Bearer {SECRET_KEY}" and (self.is_live or path != "/batch/"):
                return 401, {}, {"detail": "invalid"}
            if path == "/batch/":
                return self.take_batch(body)
            if path == "/live_debugger_breakpoints/active/":
                return 200, {}, {"results": self.breakpoints, "count": len(self.breakpoints), "has_more": False}
            if not self.is_live or not path.startswith("/livebreak/"):
                return 404, {}, {"detail": "Not found."}
            if path == "/livebreak/":
                project = {"id": 1, "name": "Shop"}
                return 200, {}, {"version": "0.1.0", "api": 1, "features": [], "project": project, "ingestion_token": TOKEN}
            if path == "/livebreak/armed":
                return self.hold(dict(urllib.parse.parse_qsl(url.query)), headers)
            if method == "DELETE":
                self.goodbyes.append(path.rpartition("/")[2])
            else:
                self.reports.append(json.loads(body))
                if self.known is not None:
                    self.known.add(path.rpartition("/")[2])
            self.changed.notify_all()
            return 204, {}, None

    def hold(self, query, headers):
        end = time.monotonic() + min(self.longest_wait, float(query["wait"]))
        version = self.version
        known = self.known is None or query["process"] in self.known
        while known and headers.get("If-None-Match") == f'"{self.version}"':
            if self.changed.wait(max(0.0, end - time.monotonic())) is False:
                return 304, {"ETag": f'"{self.version}"'}, None
            if self.version != version and not self.server.is_open:
                return None, {}, None
        etag = {"ETag": f'"{self.version}"'} if self.sends_etag else {}
        return 200, etag, {"breakpoints": self.breakpoints, "lease_seconds": self.lease_seconds, "unknown_process": not known}

    def take_batch(self, body):
        data = json.loads(gzip.decompress(body))
        if data["api_key"] != TOKEN:
            return 401, {}, None
        self.batches.append(data)
        self.changed.notify_all()
        return 200, {}, {"status": "Ok"}


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address, peer):
        self.peer = peer
        self.is_open = True
        super().__init__(address, Handler)

    def server_close(self):
        self.is_open = False
        super().server_close()

    def handle_error(self, request, client_address):
        """A connection that is cut is what some tests are about."""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self):
        super().setup()
        with self.server.peer.changed:
            self.server.peer.connections.add(self.connection)

    def date_time_string(self, timestamp=None):
        return super().date_time_string((timestamp or time.time()) + self.server.peer.clock_ahead)

    def do_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, headers, data = self.server.peer.answer(self.command, urllib.parse.urlsplit(self.path), self.headers, body)
        if status is None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        content = b"" if data is None else json.dumps(data).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status not in {204, 304}:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        """Nothing."""


for method in ("GET", "PUT", "POST", "DELETE"):
    setattr(Handler, f"do_{method}", Handler.do_any)


@pytest.fixture
def peer():
    opened = Peer()
    yield opened
    if opened.server.is_open:
        opened.close()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A self-signed certificate of `localhost` with its key, made for this run."""
    openssl = shutil.which("openssl")
    if openssl is None:
        assert os.environ.get("CI") != "true", "openssl must be there in CI"
        pytest.skip("openssl, which makes the certificate, is not here.")
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2"]
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    command = [openssl, "req", "-x509", *key, "-keyout", str(path), "-out", f"{path}.crt", *subject]
    subprocess.run(command, check=True, capture_output=True)
    path.write_text(path.read_text() + pathlib.Path(f"{path}.crt").read_text())
    return path


@pytest.fixture
def secure_peer(monkeypatch, certificate):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    opened = Peer(certificate)
    yield opened
    if opened.server.is_open:
        opened.close()


class Application:
    """Breakpoints and hits of no real program."""

    def __init__(self):
        self.changed = threading.Condition()
        self.armed = []
        self.history = []
        self.state = ()
        self.waiting = collections.deque()
        self.dropped = 0
        self.lost = []
        self.on_change = None

    def arm(self, breakpoints):
        with self.changed:
            self.armed = [breakpoint.id for breakpoint in breakpoints]
            self.history.append((time.monotonic(), self.armed))
            self.state = tuple(Binding(breakpoint_id=id_, state=BindingState.BOUND, line_number=1) for id_ in self.armed)
            self.changed.notify_all()
        self.on_change()

    def bindings(self):
        return self.state

    def tick(self):
        pass

    def take(self, limit):
        return [self.waiting.popleft() for _ in range(min(limit, len(self.waiting)))]

    def refused(self, breakpoint_ids):
        with self.changed:
            self.lost += breakpoint_ids
            self.changed.notify_all()

    def until(self, condition, timeout=20):
        with self.changed:
            assert self.changed.wait_for(lambda: condition(self), timeout), (self.armed, self.lost)


class Running:
    def __init__(self, host, **options):
        self.application = Application()
        self.wake = Wake()
        process = Process(id=str(uuid.uuid4()), pid=1, host="web-1", repository="acme/shop", service="web", environment="test")
        chosen = settings.read({}, host=host, secret_key=SECRET_KEY, **options)
        self.parts = Parts(settings=chosen, process=process, armable=self.application, hits=self.application)
        self.reports = Reports(self.parts, self.wake)
        self.application.on_change = self.reports.changed
        self.stopping = Stopping()
        uplink = Uplink(
            parts=self.parts,
            wake=self.wake,
            contact=Contact(chosen),
            held=Held(self.application.arm),
            reports=self.reports,
            stopping=self.stopping,
            notices=Notices(),
        )
        self.loop = Loop(uplink)
        self.resume()

    def resume(self):
        self.thread = threading.Thread(target=self.loop.run, daemon=True)
        self.thread.start()

    @property
    def id(self):
        return self.parts.process.id

    def hit(self, count=1, breakpoint_id="b1", text="x"):
        hits = [
            Hit(
                id=str(uuid.uuid4()), breakpoint_id=breakpoint_id, timestamp=datetime.now(UTC).isoformat(),
                filename="f", line_number=1, variables={"text": text},
            )
            for _ in range(count)
        ]  # fmt: skip
        self.application.waiting.extend(hits)
        self.wake.set()
        return [hit.id for hit in hits]

    def stop(self, seconds=2.0):
        self.stopping.seconds = seconds
        self.stopping.is_set = True
        self.wake.set()
        self.thread.join(20)
        assert not self.thread.is_alive()


@pytest.fixture
def start():
    started = []

    def begin(host, **options):
        started.append(Running(host, **options))
        return started[-1]

    yield begin
    for running in started:
        if running.thread.is_alive():
            running.stop(0.5)
