"""Programs of the kind that debuggers break do the same with a breakpoint on every line, and have their code back afterwards."""

from __future__ import annotations

import runpy
import sys
import types
from pathlib import Path

import pytest

from livebreak_agent.instrument import lines
from livebreak_agent.limits import Limits
from livebreak_agent.vocabulary.model import Breakpoint, CaptureLimits

PROGRAMS = {
    name: program
    for file in ("evil_programs.py", "evil_programs_too.py")
    for name, program in runpy.run_path(str(Path(__file__).with_name(file)))["PROGRAMS"].items()
}

EVERYTHING = CaptureLimits(frames_with_locals=5, context_variables=20, globals=50)

ASKED = {
    "no condition": {"limits": EVERYTHING},
    "a condition that is false": {"condition": "1 > 2"},
    "a condition that fails": {"condition": "no_such_name > 2"},
    "a log message": {"log_message": "{no_such_name} and {1 + 1}", "watches": ("no_such_name",)},
}


def arm_every_line(debugger, application, asked):
    last = application.sources["shop"].count("\n")
    place = {"filename": application.filename(), **asked}
    debugger.engine.arm([Breakpoint(id=str(line), line_number=line, **place) for line in range(1, last + 1)])


def functions_of(module):
    return [value for value in vars(module).values() if type(value) is types.FunctionType and value.__module__ == module.__name__]


pytestmark = pytest.mark.filterwarnings("ignore::SyntaxWarning")
"""What Python says of the programs themselves."""


@pytest.mark.parametrize("name", PROGRAMS)
def test_it_does_the_same_where_breakpoints_are_set_in_what_is_loaded(name, application, make_debugger):
    application.write(PROGRAMS[name])
    module = application.load()
    expected = repr(module.run())
    codes = {function: function.__code__ for function in functions_of(module)}
    for what, asked in ASKED.items():
        debugger = make_debugger(limits=Limits(hits_at_once=3, process_hits_at_once=500))
        arm_every_line(debugger, application, asked)
        for _ in range(2):
            assert expected == repr(module.run()), what
            debugger.engine.tick()
        assert not [binding.reason for binding in debugger.engine.bindings() if "mistake" in (binding.reason or "")]
        debugger.engine.close()
        assert expected == repr(module.run())
        assert all(function.__code__ is code for function, code in codes.items())
        if sys.version_info >= (3, 12):
            trees = [inner for code in codes.values() for inner, _ in lines.tree(code)]
            assert not [code for code in trees for tool in (3, 4) if _events(tool, code)]


def _events(tool, code):
    return sys.monitoring.get_tool(tool) is not None and sys.monitoring.get_local_events(tool, code)


@pytest.mark.parametrize("name", PROGRAMS)
def test_it_does_the_same_where_breakpoints_wait_for_the_import(name, application, debugger):
    application.write(PROGRAMS[name], "plain")
    expected = repr(application.load("plain").run())
    application.write(PROGRAMS[name])
    arm_every_line(debugger, application, {"limits": EVERYTHING})
    module = application.load()
    actual = repr(module.run())
    assert expected.replace(".plain", ".shop") == actual
    debugger.engine.close()
    assert actual == repr(module.run())
