"""Files that are imported while breakpoints wait for them, imported again, or changed on disk."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import threading
import time

import pytest

from livebreak_agent.vocabulary import anchor


def test_a_file_that_is_not_imported_is_pending_and_then_bound(application, debugger):
    application.write("def run():\n    return 1  # here\n")
    debugger.at()
    binding = debugger.binding()
    assert ("pending", f"{application.filename()} is not imported in this process yet.") == (binding.state, binding.reason)
    changes = debugger.changes
    module = application.load()
    assert debugger.changes > changes
    assert (debugger.binding().state, debugger.binding().line_number) == ("bound", 2)
    module.run()
    assert debugger.hit().function == "run"


def test_the_module_s_own_lines_are_hit_while_it_is_imported(application, debugger):
    application.write("x = 1\ny = x + 1  # here\nclass A:\n    z = 3  # there\n")
    debugger.at("here")
    debugger.at("there")
    application.load()
    body, class_body = debugger.hits()
    assert ("<module>", 1) == (body.function, body.variables["x"])
    assert "A" == class_body.function
    assert body.stack[0].filename == application.filename()


def test_a_module_s_own_lines_are_over_when_it_is_imported(application, debugger):
    application.write("x = 1  # there\ndef run():\n    return 1  # here\n")
    here = debugger.at("here")
    application.load()
    there = debugger.at("there")
    binding = debugger.binding(there)
    assert ("bound", "failed") == (debugger.binding(here).state, binding.state)
    assert (
        f"Line 1 of {application.filename()} runs when the file is imported, and in this process that is over." == binding.reason
    )


def test_the_file_of_a_package_itself(application, debugger):
    (application.root / application.package / "part").mkdir()
    (application.root / application.package / "part" / "__init__.py").write_text("x = 1\n\ndef run():\n    return 1\n")
    name = f"{application.package}/part/__init__.py"
    first, second = debugger.at(1, filename=name), debugger.at(4, filename=name)
    application.load("part").run()
    assert [first, second] == [hit.breakpoint_id for hit in debugger.hits()]


def test_an_import_that_runs_while_breakpoints_are_armed_is_not_kept_waiting(application, debugger):
    application.write("def run():\n    return 1  # here\n")
    debugger.at()
    with debugger.engine._lock:
        thread = threading.Thread(target=application.load)
        thread.start()
        thread.join(10)
        assert not thread.is_alive()
    debugger.engine.tick()
    assert debugger.binding().state == "bound"


def test_functions_that_are_made_by_an_import_that_is_under_way_are_bound_when_they_are_there(application, debugger):
    application.write("import threading\nbegun, go = threading.Event(), threading.Event()\n", "gate")
    application.write(
        f"from {application.package} import gate\ngate.begun.set()\ngate.go.wait(10)\ndef run():\n    return 1  # here\n"
    )
    gate = application.load("gate")
    thread = threading.Thread(target=application.load)
    thread.start()
    assert gate.begun.wait(10)

    debugger.at()
    gate.go.set()
    thread.join(10)
    debugger.engine.tick()
    application.load().run()
    debugger.engine.tick()

    assert debugger.binding().state == "bound"
    assert len(debugger.hits()) == 1


def test_a_module_that_is_reloaded(application, debugger):
    application.write("x = 1  # there\ndef run():\n    return 1  # here\n")
    module = application.load()
    here, there = debugger.at("here"), debugger.at("there")
    assert "runs when the file is imported, and in this process that is over" in debugger.binding(there).reason
    application.write("x = 1  # there\n\n\ndef run():\n    return 2\n    # here\n")
    importlib.invalidate_caches()
    importlib.reload(module)
    assert 1 == debugger.binding(there).hits
    debugger.engine.tick()
    module.run()
    assert debugger.binding(here).hits == 0


def test_a_file_that_fails_to_import_can_be_imported_again(application, debugger):
    application.write("def run():\n    return 1  # here\nraise RuntimeError\n")
    debugger.at()
    with pytest.raises(RuntimeError):
        application.load()
    application.write("def run():\n    return 1  # here\n")
    module = application.load()
    module.run()
    debugger.engine.tick()
    assert (debugger.binding().state, debugger.binding().hits) == ("bound", 1)


def test_nothing_is_left_behind_on_the_import_path(application, debugger):
    before = list(sys.meta_path)
    identity = debugger.at(1, filename="nowhere/nothing.py")
    debugger.remove(identity)
    assert before == sys.meta_path


def test_a_file_that_is_changed_after_it_was_loaded(application, debugger):
    source = "def run():\n    x = 1\n    return x  # here\n"
    application.write(source)
    module = application.load()
    path = application.root / application.filename()
    digests = anchor.digests_of(path.read_bytes())
    path.write_text("# A new line.\n" + source)
    os.utime(path, (time.time() + 5, time.time() + 5))
    by_number = debugger.at(3)
    binding = debugger.binding()
    assert (binding.state, binding.source_changed, binding.digest) == ("bound", True, None)
    module.run()
    assert debugger.hit().line_number == 3
    debugger.remove(by_number)
    debugger.at(3, anchor=anchor.make(source, 3, digests))
    binding = debugger.binding()
    assert (binding.state, binding.source_changed) == ("pending", True)
    assert "was changed on disk after this process loaded it" in binding.reason


def test_a_file_that_was_only_touched_is_still_what_was_loaded(application, debugger):
    application.write("def run():\n    return 1  # here\n")
    application.load()
    path = application.root / application.filename()
    os.utime(path, (time.time() + 5, time.time() + 5))
    debugger.at()
    assert (debugger.binding().source_changed, debugger.binding().digest) == (False, anchor.blob_id(path.read_bytes()))


def test_a_script_that_was_started_before_the_agent(application, tmp_path):
    """`__main__`, whose functions are defined by the time that the breakpoint comes."""
    script = tmp_path / "script.py"
    script.write_text(
        "from livebreak_agent.engine import Engine\n"
        "from livebreak_agent.hit_queue import HitQueue\n"
        "from livebreak_agent.limits import Limits\n"
        "from livebreak_agent.redaction import Redaction\n"
        "from livebreak_agent.vocabulary.model import Breakpoint, Process\n"
        "import pathlib\n"
        "def run(x):\n"
        "    return x + 1\n"
        "queue = HitQueue()\n"
        "engine = Engine(process=Process(id='p', pid=1, host='h'), root=str(pathlib.Path(__file__).parent),\n"
        "    limits=Limits(), redaction=Redaction(), queue=queue)\n"
        "engine.arm([Breakpoint(id='1', filename='script.py', line_number=8)])\n"
        "run(41)\n"
        "hit = engine.capture_to_hit(queue.take(10)[0])\n"
        "print(hit.function, hit.variables, [frame.filename for frame in hit.stack])\n"
    )
    output = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
    assert ("run {'x': 41} ['script.py', 'script.py']\n", "") == (output.stdout, output.stderr)
