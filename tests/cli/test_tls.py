"""`livebreak serve` with a certificate: agents and editors that trust it come in, others are told why not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Signed by itself, for 127.0.0.1."""
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    return certificate, key


def test_tls_serves_agents_and_commands_that_trust_the_certificate(user: Any, spawn: Any, certificate: tuple[Path, Path]) -> None:
    names = ("--tls-certificate", str(certificate[0]), "--tls-key", str(certificate[1]))
    data = ("--data-dir", str(user.home / "data"))
    project = json.loads(user.run("projects", "create", "shop", "--json", *data).stdout)
    key = json.loads(user.run("keys", "create", "--project", "1", "--scope", "*", "--json", *data).stdout)["key"]
    serve = user.serve("--port", "0", *names, *data)
    host = serve.printed(r"listening on (https://\S+)")[1]
    trust = {"SSL_CERT_FILE": str(certificate[0])}

    assert "Connected." in user.run("connect", host, "--key-stdin", stdin=key, **trust).stdout
    assert "certificate" in user.refused(3, "status").lower()
    (user.home / "app.py").write_text("import time\ntime.sleep(600)\n")
    app = spawn(
        "app", [sys.executable, "-m", "livebreak_agent", "app.py"], folder=user.home,
        environment={"LIVEBREAK_HOST": host, "LIVEBREAK_SECRET_KEY": project["secret_key"], **trust},
    )  # fmt: skip
    app.printed(f"LiveBreak agent .*{host}")
    user.until(lambda done: json.loads(done.stdout)["processes"] == 1, "status", "--json", **trust)
    app.end()


def test_a_key_with_a_password_is_a_sentence_and_no_question(user: Any, certificate: tuple[Path, Path], tmp_path: Path) -> None:
    locked = tmp_path / "locked.pem"
    lock = ["openssl", "pkey", "-in", str(certificate[1]), "-aes256", "-passout", "pass:secret", "-out", str(locked)]
    subprocess.run(lock, check=True, capture_output=True)

    sentence = user.refused(1, "serve", "--port", "0", "--tls-certificate", str(certificate[0]), "--tls-key", str(locked))

    assert "both must be PEM, without a password" in sentence
