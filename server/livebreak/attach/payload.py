"""What runs inside of the process: it loads the agent from this installation, starts or stops it, and answers.

It is read by whatever Python is there, so it is written for old ones, too.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import livebreak_agent

STARTED, STOPPED, ALREADY, ABSENT = "started", "stopped", "already", "absent"
"""Answers that are no sentence: the agent was started or stopped now, was there before, or was not there to be stopped."""

_CODE = """\
def livebreak_attach(action, folder, bytecode, options):
    import sys
    if sys.version_info < (3, 11):
        return "It runs Python %d.%d; the agent needs Python 3.11 or newer." % sys.version_info[:2]
    import importlib.util
    import os
    def load(name, folder):
        if name in sys.modules or not folder or importlib.util.find_spec(name) is not None:
            return
        path = os.path.join(folder, "__init__.py")
        if not os.path.exists(path):
            raise ImportError("it cannot read " + path)
        spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=[folder])
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    try:
        if action == "stop":
            lifecycle = sys.modules.get("livebreak_agent.lifecycle")
            if lifecycle is None or not lifecycle.is_running():
                return "absent"
            lifecycle.stop()
            return "stopped"
        if sys.version_info < (3, 12):
            load("bytecode", bytecode)
        load("livebreak_agent", folder)
        import livebreak_agent
        if not livebreak_agent.is_wanted(options["host"]):
            return "LIVEBREAK_DISABLED is set in its environment, so its owner does not want the agent there."
        from livebreak_agent import lifecycle
        if lifecycle.is_running():
            return "already"
        return lifecycle.try_to_start(**options) or "started"
    except Exception as error:
        return "The agent cannot be loaded there (%s: %s)." % (type(error).__name__, error)
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Payload:
    action: Literal["start", "stop"]
    options: Mapping[str, Any]
    """Arguments of `livebreak_agent.start()`; the secret key among them, so the text is shown and kept nowhere."""

    def expression(self) -> str:
        """One expression whose value is the answer."""
        call = self._call("names['livebreak_attach']")
        return f"(lambda names: (exec({_CODE!r}, names), {call})[1])({{}})"

    def script(self, answer: Path) -> str:
        """A program that writes the answer into a file, as JSON, from a thread of its own: the one that it is given is in use."""
        return f"""{_CODE}
def livebreak_attach_and_answer():
    import json
    import os
    answer = {self._call("livebreak_attach")}
    with open({str(answer) + ".part"!r}, "w") as file:
        json.dump(answer, file)
    os.replace({str(answer) + ".part"!r}, {str(answer)!r})
import threading
threading.Thread(target=livebreak_attach_and_answer, name="livebreak-attach", daemon=True).start()
del livebreak_attach_and_answer, threading
"""

    def _call(self, function: str) -> str:
        folder = str(Path(livebreak_agent.__file__).parent)
        return f"{function}({self.action!r}, {folder!r}, {_bytecode()!r}, {dict(self.options)!r})"


def told(answer: str, where: str) -> tuple[bool, str]:
    """Whether it went well, and the sentence for a person; what came from the other process is cut and made printable."""
    sentences = {
        STARTED: f"The agent is in {where} now, and connects.",
        ALREADY: f"The agent is in {where} already; nothing was changed.",
        STOPPED: f"The agent has left {where}; all code there is as it was.",
        ABSENT: f"There is no agent in {where}; nothing was changed.",
    }
    if answer in sentences:
        return True, sentences[answer]
    shown = "".join(character if character.isprintable() else "?" for character in answer[:500])
    return False, f"The agent is not in {where}. {shown}"


def read(text: str) -> str:
    """The answer in a file."""
    answer = json.loads(text)
    return answer if isinstance(answer, str) else "It answered what nobody asked."


def _bytecode() -> str:
    """Where this Python has the library that Python 3.11 needs; empty if it has none."""
    spec = importlib.util.find_spec("bytecode") if sys.version_info[:2] == (3, 11) else None
    return str(Path(spec.origin).parent) if spec is not None and spec.origin is not None else ""
