"""Which line of which file a breakpoint is bound to, or why it is not."""

from __future__ import annotations

import importlib
import json.decoder
import sys
import warnings

import pytest

from livebreak_agent.vocabulary import anchor

SIMPLE = """
    LIMIT = 10
    def run(a, *rest, key=None, **options):
        total = a + 1
        return total  # here
"""


def load(application, source=SIMPLE):
    application.write(source)
    return application.load()


def test_a_line_without_code_names_the_nearest_lines(application, debugger):
    application.write("def run():\n    x = 1\n\n    # Nothing.\n    y = 2\n\n")
    application.load()
    for line, nearest, words in (
        (4, (2, 5), "; the nearest lines with code are 2 and 5"),
        (99, (5,), "; the nearest line with code is 5"),
    ):
        identity = debugger.at(line)
        binding = debugger.binding(identity)
        assert ("failed", nearest) == (binding.state, binding.nearest_lines)
        assert f"No code on line {line} of {application.filename()}{words}." == binding.reason


def test_an_anchor_finds_its_line_in_deployed_code_that_differs(application, debugger):
    mine = "def run(a):\n    b = a\n    return b\n"
    deployed = "import os\n\n\n" + mine
    set_in = anchor.make(mine, 3, anchor.digests_of(mine.encode()))
    module = load(application, deployed)
    debugger.at(3, anchor=set_in)
    module.run(1)
    assert (6, "bound", 6) == (debugger.hit().line_number, debugger.binding().state, debugger.binding().line_number)


@pytest.mark.parametrize(
    ("deployed", "words"),
    [
        ("def run(a):\n    return a\n", "has no line `return b`"),
        ("def run(a):\n    b = a\n    return b\ndef run(a):\n    b = a\n    return b\n", "stands on lines 3 and 6"),
        ("def other():\n    c = 1\n    d = 2\n    return b\n", "but among other lines than it did"),
    ],
)
def test_an_anchor_that_is_not_surely_found_is_pending(deployed, words, application, debugger):
    mine = "def run(a):\n    b = a\n    return b\n\n\nx = 1\n"
    load(application, deployed)
    debugger.at(3, anchor=anchor.make(mine, 3, anchor.digests_of(mine.encode())))
    binding = debugger.binding()
    assert "pending" == binding.state
    assert binding.reason.startswith("The deployed code differs here: ")
    assert words in binding.reason


def test_a_path_map_says_where_deployed_folders_belong(application, make_debugger):
    module = load(application)
    debugger = make_debugger(root=None, path_map=((str(application.root), "services/api"),))
    debugger.at(filename=f"services/api/{application.filename()}")
    debugger.at(filename=f"services/{application.filename()}")
    mapped, other = debugger.engine.bindings()
    assert ("bound", "pending") == (mapped.state, other.state)
    assert "ends alike" in other.reason
    module.run(1)
    assert f"services/api/{application.filename()}" == debugger.hit().stack[0].filename


def test_without_a_known_root_the_whole_path_at_the_end_is_enough_if_it_is_unique(application, make_debugger):
    module = load(application)
    debugger = make_debugger(root=None)
    debugger.at()
    debugger.at(filename="shop.py")
    debugger.at(filename="elsewhere/shop.py")
    assert ["bound", "bound", "pending"] == [binding.state for binding in debugger.engine.bindings()]
    module.run(1)
    assert {(application.filename(), True), ("shop.py", True)} >= {
        (frame.filename, frame.in_repository) for hit in debugger.hits() for frame in hit.stack[:1]
    }


def test_a_path_that_fits_several_files_is_pending(application, make_debugger):
    load(application)
    (application.root / application.package / "part").mkdir()
    (application.root / application.package / "part" / "__init__.py").write_text("")
    (application.root / application.package / "part" / "shop.py").write_text("def run():\n    return 1\n")
    application.load("part.shop")
    debugger = make_debugger(root=None)
    debugger.at(filename="shop.py", mark=2)
    assert "pending" == debugger.binding().state
    assert "Several loaded files fit shop.py" in debugger.binding().reason


@pytest.mark.parametrize("folder", ["site-packages", "elsewhere"])
def test_a_file_that_only_ends_alike_is_bound_if_the_text_agrees(folder, application, make_debugger, tmp_path_factory):
    source = "def run(a):\n    b = a\n    return b\n"
    root = tmp_path_factory.mktemp("repository")
    other = application.root / folder
    other.mkdir()
    (other / f"{application.package}_copy.py").write_text(source)
    sys.path.insert(0, str(other))
    try:
        module = importlib.import_module(f"{application.package}_copy")
        debugger = make_debugger(root=str(root))
        filename = f"source/{application.package}_copy.py"
        by_number = debugger.at(3, filename=filename)
        assert "ends alike, but whether it is the same file cannot be told" in debugger.binding(by_number).reason
        other_text = source.replace("b = a", "b = a + a").replace("return b", "return b * b")
        differs = debugger.at(3, filename=filename, anchor=anchor.make(other_text, 3, anchor.digests_of(other_text.encode())))
        assert "ends alike, but its code differs" in debugger.binding(differs).reason
        agrees = debugger.at(3, filename=filename, anchor=anchor.make(source, 3, anchor.digests_of(source.encode())))
        assert "bound" == debugger.binding(agrees).state
        module.run(1)
        assert filename == debugger.hit().stack[0].filename
    finally:
        sys.path.remove(str(other))
        del sys.modules[f"{application.package}_copy"]


def test_the_standard_library_is_never_meant_by_its_path_alone(make_debugger):
    debugger = make_debugger(root=None)
    line = json.decoder.JSONDecoder.decode.__code__.co_firstlineno + 8
    debugger.at(line, filename="json/decoder.py")
    assert "pending" == debugger.binding().state
    json.decoder.JSONDecoder().decode("1")
    assert [] == debugger.hits()


def test_compiling_anew_says_nothing_of_the_application_s_code(application, debugger, recwarn):
    application.write("def run(n):\n    # \\d\n    return 'a\\d' if n is 1 else n\n")
    module = application.load()
    assert recwarn.list  # Python has said it.
    recwarn.clear()
    filters = list(warnings.filters)
    debugger.at(2)
    assert "failed" == debugger.binding().state
    assert ([], filters) == ([str(one.message) for one in recwarn.list], list(warnings.filters))
    assert 3 == module.run(3)
