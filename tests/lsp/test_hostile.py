"""Captured data and API answers are anybody's: no crash, no link, no HTML, no control character of theirs on the screen."""

from __future__ import annotations

import asyncio
import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from livebreak.lsp.hit import _variables
from livebreak.lsp.labels import hint_label, hits_line
from livebreak.lsp.page import to_markdown, to_plain
from livebreak.lsp.pages import Look, breakpoint_page, variable_page
from livebreak.lsp.to_proto import message, whole
from livebreak.remote.http import Http
from livebreak.sync.live import Live
from livebreak.sync.remotes import Unreachable
from livebreak_agent.vocabulary.codec import to_json
from livebreak_agent.vocabulary.model import Binding, BindingState, Breakpoint, Frame, Hit, Process
from livebreak_agent.vocabulary.summary import summarise
from livebreak_agent.vocabulary.wire import Breakpoints, HitsArrived, HitSummary, Pause, Processes, ProcessState

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TEXT = "a = 1\nb = 2\n"
OURS = "file:///ours.py#L1"

NASTY = st.sampled_from(
    [
        "[x](command:workbench.action.terminal.new)",
        "![x](https://evil.example/p.png)",
        "<img src=x onerror=alert(1)>",
        "<a href='//e'>",
        "<!--",
        "javascript:alert(1)",
        "https://evil.example",
        "www.evil.example",
        "a@evil.example",
        "`",
        "```",
        "~~~",
        "|",
        "\n",
        "\r\n",
        "\n\n# heading",
        "\n---\n",
        "\n- item",
        "\n    code",
        "&lt;",
        "\\",
        "]",
        "](",
        "[ref]: https://evil.example",
        "<https://evil.example>",
        "\x1b[31m",
        "\x1b]8;;https://evil.example\x07",
        "\x00",
        "\x9b",
        "\u202e",
        "\u2066",
        "\u200b",
        "\u2028",
        "\ud800",
        "$(command)",
        "../../../etc/passwd",
        "..",
        "/etc/passwd",
        "C:\\x",
        "file:///etc/passwd",
    ]
)
text = st.lists(NASTY | st.text(max_size=8), max_size=6).map("".join)
maybe = st.none() | text
special = st.sampled_from(["jsonrpc", "id", "py/object", "$cut", "$size", "$object", "value", "items", "entries"])
scalar = st.none() | st.booleans() | st.integers() | st.floats() | text
jsonish = st.recursive(
    scalar,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            text | st.sampled_from(["jsonrpc", "id", "py/object", "$cut", "$type", "$size", "py/tuple"]), inner, max_size=3
        )
    ),
    max_leaves=12,
)
number = st.integers(-5, 5) | st.integers()
frames = st.builds(
    Frame,
    function=text,
    filename=text,
    line_number=number,
    text=maybe,
    in_repository=st.booleans(),
    variables=st.none() | st.dictionaries(text, jsonish, max_size=2),
)
hits = st.builds(
    Hit,
    id=text,
    breakpoint_id=st.just("b"),
    timestamp=text,
    filename=text,
    line_number=number,
    function=text,
    variables=st.dictionaries(text, jsonish, max_size=4),
    watches=st.dictionaries(text, jsonish, max_size=2),
    message=maybe,
    stack=st.lists(frames, max_size=3).map(tuple),
    truncated=maybe,
    condition=maybe,
    service=maybe,
    environment=maybe,
    host=maybe,
    pid=st.none() | number,
    revision=maybe,
    request=maybe,
    process_id=maybe,
    verified=st.booleans(),
)
breakpoints = st.builds(
    Breakpoint,
    id=st.just("b"),
    filename=st.just("a.py"),
    line_number=number,
    repository=st.none() | st.just("acme/shop") | text,
    enabled=st.booleans(),
    condition=maybe,
    log_message=maybe,
    owner=maybe,
    expires_at=maybe,
    service=maybe,
    hit_limit=st.none() | number,
)
processes = st.builds(
    ProcessState,
    process=st.builds(
        Process, id=text, pid=number, host=text, service=maybe, repository=st.none() | st.just("acme/shop"), revision=maybe
    ),
    bindings=st.lists(
        st.builds(
            Binding,
            breakpoint_id=st.just("b"),
            state=st.sampled_from(BindingState),
            reason=maybe,
            nearest_lines=st.lists(number, max_size=2).map(tuple),
            condition_error=maybe,
            condition_errors=number,
            dropped=number,
        ),
        max_size=1,
    ).map(tuple),
)
pauses = st.lists(st.builds(Pause, by=text, at=text, service=maybe, reason=maybe), max_size=1).map(tuple)

bounded = settings(
    max_examples=settings().max_examples * 3 // 2,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


class Silent:
    """A listener that draws nothing: what is drawn is asked for here."""

    def breakpoints_changed(self, paths: frozenset[Path]) -> None: ...

    def hits_changed(self, paths: frozenset[Path]) -> None: ...

    def status_changed(self) -> None: ...

    async def confirm(self, question: str) -> bool:
        raise AssertionError(question)

    def notice(self, message: str) -> None: ...


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    for command in (["init", "--quiet"], ["remote", "add", "origin", "https://github.com/acme/shop.git"]):
        subprocess.run(["git", "-C", str(folder), *command], check=True)
    (folder / "a.py").write_text(TEXT)
    return folder


@pytest.fixture(scope="module")
def live(checkout: Path) -> Live:
    """A session with one open file, whose view is what an editor would be shown."""
    made = Live(Silent(), remote=None, outbox_folder=None)
    asyncio.run(made.session.open(checkout / "a.py", TEXT))
    return made


def is_safe_text(shown: str) -> bool:
    return all(character.isprintable() or character == "\n" for character in shown)


def tokens_of(markdown: str) -> list[Any]:
    parsed = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown)
    return [token for block in parsed for token in (block, *(block.children or ()))]


@bounded
@given(breakpoints, hits, st.lists(processes, max_size=2), pauses)
def test_whatever_was_captured_is_shown_as_text(
    live: Live, item: Breakpoint, hit: Hit, states: list[ProcessState], paused: Any
) -> None:
    known = live.session._known
    known.replace_breakpoints([item])
    known.replace_processes(states)
    known.pauses = paused
    known.hits.forget("b")
    known.hits.add(summarise(hit), 3)
    path = next(iter(live.session.open_paths))

    for shown in live.session.view(path):
        label = whole(hint_label(shown, NOW))
        page = breakpoint_page(Look(shown=shown, hit=hit), lambda _, frame: OURS if frame.in_repository else None, NOW)
        pages = [page, *(found for name in hit.variables if (found := variable_page([name], hit, shown.hits, NOW)))]

        assert is_safe_text(label)
        assert "\n" not in label
        assert "\n" not in hits_line(shown, NOW)
        for one in pages:
            markdown = to_markdown(one)
            kinds = {token.type for token in tokens_of(markdown)}
            links = {token.attrGet("href") for token in tokens_of(markdown) if token.type == "link_open"}
            assert is_safe_text(markdown)
            assert is_safe_text(to_plain(one))
            assert not kinds & {"html_block", "html_inline", "image", "table_open", "heading_open", "code_block", "s_open"}
            assert links <= {OURS}
        json.dumps(message(shown.state), allow_nan=False).encode()
        json.dumps(message(_variables(hit.variables)), allow_nan=False).encode()


shapes = st.sampled_from(
    [
        (Breakpoints, {"results": [to_json(Breakpoint(id="b", filename="a.py", line_number=1))], "hits": []}),
        (Processes, {"results": [to_json(ProcessState(process=Process(id="p", pid=1, host="h"), bindings=()))], "pauses": []}),
        (
            HitsArrived,
            to_json(
                HitsArrived(
                    breakpoint_id="b",
                    count=1,
                    total=1,
                    newest=HitSummary(id="h", breakpoint_id="b", timestamp="", filename="a.py", line_number=1),
                )
            ),
        ),
    ]
)


def mutated(data: Any, draw: st.DataObject) -> Any:
    """The data with something somewhere replaced by anything, or left out."""
    if draw.draw(st.integers(0, 3)) == 0 or not isinstance(data, dict | list) or not data:
        return draw.draw(jsonish)
    if isinstance(data, list):
        return [mutated(data[0], draw)]
    name = draw.draw(st.sampled_from(sorted(data)))
    changed = dict(data)
    if draw.draw(st.booleans()):
        del changed[name]
    else:
        changed[name] = mutated(data[name], draw)
    return changed


@bounded
@given(shapes, st.data())
def test_an_answer_in_any_form_is_taken_or_is_one_sentence(live: Live, shape: Any, draw: st.DataObject) -> None:
    kind, data = shape
    http = Http("http://backend.example", "phx_secret")
    refusal = None
    try:
        answer = http.shaped(kind, mutated(data, draw))
    except Unreachable as error:
        answer, refusal = None, str(error)
    assert refusal is None or refusal.isprintable()
    assert refusal is None or refusal.startswith("http://backend.example answered in an unknown form (")
    known = live.session._known
    match answer:
        case Breakpoints():
            known.replace_breakpoints(answer.results)
        case Processes():
            known.replace_processes(answer.results)
            known.replace_pauses(answer.pauses)
        case HitsArrived():
            known.hits.add(answer.newest, answer.total)
    for shown in live.session.view(next(iter(live.session.open_paths))):
        assert is_safe_text(whole(hint_label(shown, NOW)))
        assert shown.state.line >= 0
