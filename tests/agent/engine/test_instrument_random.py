"""Any code, with breakpoints on any of its lines, returns and raises exactly what it did without."""

from __future__ import annotations

import importlib.util
import itertools
import sys
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.agent.engine.conftest import UNLIMITED

from livebreak_agent.engine import Engine
from livebreak_agent.hit_queue import HitQueue
from livebreak_agent.redaction import Redaction
from livebreak_agent.vocabulary.model import Breakpoint, Process

_numbers = itertools.count()

NAMES = st.sampled_from(["a", "b", "c"])
VALUES = st.sampled_from(
    ["0", "1", "a", "b + 1", "len(log)", "a * 2 - c", "max(a, b)", "(lambda x: x + 1)(a)", "[i for i in range(3)][1]"]
)
TESTS = st.sampled_from(["a > b", "c % 2", "not a", "a and b or c", "len(log) < 5", "True", "False"])
SIMPLE = st.one_of(
    st.builds("{} = {}".format, NAMES, VALUES),
    st.builds("{} += {}".format, NAMES, VALUES),
    st.builds("log.append({})".format, VALUES),
    st.builds("log.append(max(\n    {},\n    {},\n))".format, VALUES, VALUES),
    st.builds("if {}: raise ValueError({})".format, TESTS, VALUES),
    st.builds("if {}: return {}".format, TESTS, VALUES),
    st.builds("del {}".format, NAMES),
    st.just("pass"),
    st.builds("assert {}, 'no'".format, TESTS),
    st.builds("c = next((x for x in (a, b, c) if x), 0)".format),
)


def indented(lines: list[str]) -> str:
    return "\n".join("    " + line for part in lines for line in part.split("\n"))


def blocks(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    body = st.lists(inner, min_size=1, max_size=3).map(indented)
    return st.one_of(
        st.builds("if {}:\n{}\nelse:\n{}".format, TESTS, body, body),
        st.builds("for i in range(3):\n{}".format, body),
        st.builds("for i in range(2):\n{}\nelse:\n{}".format, body, body),
        st.builds("n = 0\nwhile n < 2:\n    n += 1\n{}".format, body),
        st.builds("for i in range(3):\n    if {}: continue\n    if {}: break\n{}".format, TESTS, TESTS, body),
        st.builds(
            "try:\n{}\nexcept (ValueError, AssertionError) as error:\n{}\nfinally:\n    log.append('f')".format, body, body
        ),
        st.builds("with manager(log):\n{}".format, body),
        st.builds("def inner(a, b, c):\n{}\n    return a\nb = inner(a, 1, 2)".format, body),
        st.builds("def counted(a=1, b=2, c=3):\n{}\n    yield a\n    yield b\nlog.extend(counted())".format, body),
        st.builds("match a:\n    case 0:\n{}\n    case _:\n{}".format, body.map(_deeper), body.map(_deeper)),
        st.builds(
            "class Made:\n    value = a\n    def method(self, a, b, c):\n{}\nlog.append(Made().method(1, 2, 3))".format,
            body.map(_deeper),
        ),
    )


def _deeper(text: str) -> str:
    return "\n".join("    " + line for line in text.split("\n"))


PROGRAMS = st.lists(st.recursive(SIMPLE, blocks, max_leaves=8), min_size=1, max_size=4).map(indented)

HEAD = """\
import contextlib

@contextlib.contextmanager
def manager(log):
    log.append("in")
    try:
        yield
    finally:
        log.append("out")

def run(a, b, c, log):
"""
CONDITIONS = st.sampled_from(
    [None, None, "a > 1", "b == 3 and c < 1", "len(log) > 2", "absent", "any(x == a for x in log)", "f'{a}' == '1'"]
)


UNTIL_WARM = 10
"""Calls after which the interpreter has adapted code to what it saw: for some errors Python 3.11 then names the line before."""


def load(folder: Path, source: str):
    name = f"generated{next(_numbers)}"
    path = folder / f"{name}.py"
    path.write_text(source)
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return name, module


def outcome(module, arguments):
    log: list[object] = []
    try:
        result = ("returned", module.run(*arguments, log))
    except Exception as error:  # noqa: BLE001 -- whatever it is, it is to be the same
        lines, traceback = [], error.__traceback__
        while traceback is not None:
            if traceback.tb_frame.f_code.co_filename == module.__file__:
                lines.append(traceback.tb_lineno)
            traceback = traceback.tb_next
        result = ("raised", type(error).__name__, str(error), lines)
    return repr(result), repr(log)


@settings(max_examples=settings().max_examples * 3 // 2, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(body=PROGRAMS, data=st.data())
def test_code_with_breakpoints_does_what_it_did_without(body, data):
    source = HEAD + body + "\n    return (a, b, c)\n"
    try:
        compile(source, "generated", "exec")
    except SyntaxError:  # such as a `del` of what a nested function takes
        return
    arguments = data.draw(st.tuples(*[st.integers(0, 3)] * 3))
    last = source.count("\n")
    chosen = data.draw(st.sets(st.integers(len(HEAD.split("\n")) - 1, last), min_size=1, max_size=last))
    conditions = {line: data.draw(CONDITIONS) for line in sorted(chosen)}
    with tempfile.TemporaryDirectory() as folder:
        name, module = load(Path(folder), source)
        expected = {outcome(module, arguments) for _ in range(UNTIL_WARM)}
        process = Process(id="p", pid=1, host="h")
        engine = Engine(process=process, root=folder, limits=UNLIMITED, redaction=Redaction(), queue=HitQueue())
        try:
            engine.arm(
                [
                    Breakpoint(id=str(line), filename=f"{name}.py", line_number=line, condition=condition)
                    for line, condition in conditions.items()
                ]
            )
            engine.tick()
            with_breakpoints = [outcome(module, arguments) for _ in range(3)]
            failures = [binding for binding in engine.bindings() if "mistake" in (binding.reason or "")]
        finally:
            engine.close()
            del sys.modules[name]
        assert expected >= {*with_breakpoints}, source
        assert [] == failures, source
        assert outcome(module, arguments) in expected
