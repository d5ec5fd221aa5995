"""What `livebreak breakpoints list` prints of one breakpoint, for programs."""

from __future__ import annotations

import pytest

from livebreak.cli.breakpoint_view import Described, print_list
from livebreak.debugger.states import Told
from livebreak_agent.vocabulary.lsp_messages import State
from livebreak_agent.vocabulary.model import Breakpoint


@pytest.mark.parametrize(("repository", "place"), [("acme/shop", "acme/shop:app.py:4"), (None, "app.py:4")])
def test_a_place_begins_with_the_repository_where_that_has_a_name(
    repository: str | None, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    item = Breakpoint(id="1", repository=repository, filename="app.py", line_number=4)
    print_list([Described(breakpoint=item, told=Told(state=State.STORED, message="Nobody has it."), mine=True)])

    assert ["1", place] == capsys.readouterr().out.split("\t")[:2]
