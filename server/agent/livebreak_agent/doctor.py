"""`python -m livebreak_agent doctor [FILE:LINE]`: inside an image, what the agent would do here, and what stands in its way.

It starts no agent and runs nothing of the application. Keys are never shown.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib.util
import json
import os
import select
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from livebreak_agent import __version__, identity, is_wanted, line_check, settings
from livebreak_agent.uplink.connection import Unreachable, is_private
from livebreak_agent.uplink.contact import Contact
from livebreak_agent.uplink.exchange import Exchange, Request
from livebreak_agent.vocabulary import codec
from livebreak_agent.vocabulary.wire import API_VERSION, Capabilities

RIGHT, WRONG, USAGE = 0, 1, 2

ANSWER_SECONDS = 15.0
"""A backend that has not answered by then helps no agent either."""

_SECRETS = ("secret_key", "project_token")
_OK, _PLAIN = 200, 404


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One thing that is configured."""

    name: str
    value: str | None
    told_by: str | None
    """None where nothing says it."""


@dataclass(kw_only=True, slots=True)
class Findings:
    agent: str
    python: str
    rows: list[Row]
    backend: str | None = None
    """Who answers there, and as whom."""
    line: line_check.LineCheck | None = None
    problems: list[str]
    """What stands in the way, each a sentence."""


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser("python -m livebreak_agent doctor", description=(__doc__ or "").partition("\n\n")[2])
    parser.add_argument("place", nargs="?", metavar="FILE:LINE", help="would a breakpoint on this line bind?")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    asked = parser.parse_args(arguments)
    place = _place(asked.place)
    if asked.place is not None and place is None:
        parser.error(f"{asked.place!r} is not FILE:LINE, such as shop/cart.py:42")
    found = examine(os.environ, os.getcwd(), place)
    sys.stdout.write(json.dumps(dataclasses.asdict(found), indent=2) + "\n" if asked.json else _page(found))
    return WRONG if found.problems else RIGHT


def examine(environ: Mapping[str, str], directory: str, place: tuple[str, int] | None) -> Findings:
    """All findings. Asks the backend, if one is configured."""
    python = f"{sys.implementation.name} {sys.version.split()[0]} at {sys.executable}"
    found = Findings(agent=__version__, python=python, rows=[], problems=[])
    if sys.version_info < (3, 12) and importlib.util.find_spec("bytecode") is None:
        found.problems.append(
            "The package `bytecode` is missing, which Python 3.11 needs; install livebreak-agent with its dependencies."
        )
    if environ.get("LIVEBREAK_HOST", "").strip() and not is_wanted(environ["LIVEBREAK_HOST"]):
        found.problems.append("LIVEBREAK_DISABLED is set, so no agent starts here.")
    chosen = _settings(environ, found)
    who = identity.find(chosen, environ, _argv(place, directory), directory)
    found.rows += _rows(chosen, who, environ)
    found.problems += chosen.warnings
    if who.repository is None:
        found.problems.append(
            "The repository is not known; set LIVEBREAK_REPOSITORY, or run `python -m livebreak_agent stamp` at build."
        )
    if environ.get("LIVEBREAK_HOST", "").strip() and chosen.secret_key:
        _ask_backend(chosen, found)
    if place is not None:
        found.line = line_check.check(*place, chosen, who, directory)
        if not found.line.binds:
            found.problems.append(found.line.sentence)
    return found


def _place(text: str | None) -> tuple[str, int] | None:
    file, _, number = (text or "").rpartition(":")
    return (file, int(number)) if file and number.isascii() and number.isdigit() and 0 < int(number) < 2**31 else None


def _argv(place: tuple[str, int] | None, directory: str) -> list[str]:
    """The file's folder is where the application's code is, too, if it is not in the working directory."""
    return [os.path.join(directory, place[0])] if place is not None and place[0].endswith(".py") else []


def _settings(environ: Mapping[str, str], found: Findings) -> settings.Settings:
    """What would be used; where no agent can start, that is a problem, and the rest is still looked at."""
    if environ.get("LIVEBREAK_HOST", "").strip():
        try:
            return settings.read(environ)
        except settings.SettingsError as error:
            found.problems.append(str(error))
    else:
        found.problems.append("LIVEBREAK_HOST is not set, so no agent starts here.")
    stand_ins = {"LIVEBREAK_HOST": "https://livebreak.invalid", "LIVEBREAK_SECRET_KEY": "phs_none"}
    try:
        return dataclasses.replace(settings.read({**environ, **stand_ins}), secret_key="")
    except settings.SettingsError:
        return dataclasses.replace(settings.read(stand_ins), secret_key="")


def _rows(chosen: settings.Settings, who: identity.Identity, environ: Mapping[str, str]) -> list[Row]:
    def variable(name: str) -> str | None:
        return f"LIVEBREAK_{name}" if environ.get(f"LIVEBREAK_{name}", "").strip() else None

    host = str(chosen.address) if variable("HOST") and chosen.secret_key else None
    rows = [Row(name="host", value=host, told_by=variable("HOST"))]
    rows += [
        Row(name=name, value="is set" if variable(name.upper()) else None, told_by=variable(name.upper())) for name in _SECRETS
    ]
    project = chosen.project if chosen.project != settings.OWN_PROJECT else "the secret key's own"
    rows.append(Row(name="project", value=project, told_by=variable("PROJECT")))
    for name in ("repository", "revision", "version", "root", "service", "environment"):
        value: str | None = getattr(who, name)
        if name == "service" and "service" in who.told_by and not who.told_by["service"].isupper():
            value = None  # It would be the program's name, and which program is not known here.
        rows.append(Row(name=name, value=value, told_by=who.told_by.get(name) if value else None))
    for pairs, told_by in ((chosen.path_map, "LIVEBREAK_PATH_MAP"), (who.path_map, who.told_by.get("root"))):
        rows += [Row(name="path map", value=f"{here}={folder}", told_by=told_by) for here, folder in pairs]
    for field in dataclasses.fields(chosen.policy):
        value = environ.get(f"LIVEBREAK_{field.name.upper()}", "").strip()
        if value:
            rows.append(Row(name=field.name, value=value, told_by=variable(field.name.upper())))
    return rows


def _ask_backend(chosen: settings.Settings, found: Findings) -> None:
    contact = Contact(chosen)
    try:
        status, capabilities = _greet(chosen, contact)
    except Unreachable as error:
        found.problems.append(str(error))
        return
    if capabilities is None:
        found.backend = f"{chosen.address} is no LiveBreak backend ({status}); it is asked as a plain PostHog API."
        if not chosen.project_token:
            found.problems.append(
                f"{chosen.address} does not know LiveBreak's routes; check LIVEBREAK_HOST, or for a plain PostHog API set "
                "LIVEBREAK_PROJECT and LIVEBREAK_PROJECT_TOKEN."
            )
        return
    project = capabilities.project
    found.backend = (
        f"{chosen.address} answers (version {capabilities.version}); connected as project {project.name!r} ({project.id})."
    )
    if capabilities.api != API_VERSION:
        older = "agent" if capabilities.api > API_VERSION else "backend"
        found.problems.append(f"Agent and backend are of different versions; update the {older}.")
    if is_private(chosen.address):
        found.backend += " The key goes there in clear, which only a private network allows."


def _greet(chosen: settings.Settings, contact: Contact) -> tuple[int, Capabilities | None]:
    exchange = Exchange(chosen.address)
    end = time.monotonic() + ANSWER_SECONDS
    try:
        exchange.send(Request(method="GET", path=contact.path("livebreak/"), headers=contact.headers))
        while (answer := exchange.receive()) is None:
            if time.monotonic() >= end:
                raise Unreachable(f"{chosen.address} does not answer within {ANSWER_SECONDS:g} seconds; check the network.")
            select.select([exchange.fileno()], [], [], 0.1)
    finally:
        exchange.close()
    if answer.status == _PLAIN:
        return answer.status, None
    if answer.status != _OK:
        raise contact.refusal(answer)
    return answer.status, contact.decode(answer, lambda data: codec.from_json(Capabilities, data))


def _page(found: Findings) -> str:
    lines = [f"livebreak-agent {found.agent} on {found.python}", ""]
    width = max(len(row.name) for row in found.rows)
    for row in found.rows:
        told = f"  ({row.told_by})" if row.told_by else ""
        lines.append(f"  {row.name.replace('_', ' '):<{width}}  {_plain(row.value) if row.value else '-'}{_plain(told)}")
    lines += ["", *([found.backend] if found.backend else [])]
    if found.line is not None and found.line.binds:
        lines.append(found.line.sentence + (f" Its text is git blob {found.line.digest}." if found.line.digest else ""))
    lines += [f"Problem: {problem}" for problem in found.problems] or ["No problem found."]
    lines += ["", "Arguments of livebreak_agent.start() are not seen here.", ""]
    return "\n".join(_plain(line) for line in lines)


def _plain(text: Any) -> str:
    """What comes from the environment may hold what a terminal obeys."""
    return "".join(character if character.isprintable() else "?" for character in str(text))
