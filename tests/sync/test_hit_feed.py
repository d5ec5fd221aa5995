"""However hits come and however much of them was heard of, walking back meets each of them, in order."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from livebreak.debugger.hit_choice import HitChoice
from livebreak.debugger.time_axis import Lane
from livebreak.sync import hit_feed
from livebreak.sync.followed import Followed
from livebreak.sync.hit_feed import LiveFeed
from livebreak.sync.known import Known
from livebreak.sync.outbox import Outbox
from livebreak.sync.repositories import Repositories
from livebreak.sync.session import Session
from livebreak_agent.vocabulary.model import Breakpoint, Hit
from livebreak_agent.vocabulary.summary import summarise
from livebreak_agent.vocabulary.wire import Hits, HitsQuery

START = datetime(2026, 1, 5, 12, tzinfo=UTC)
LANE = Lane(breakpoint_id="b", process_id="p0")


class Stored:
    """A backend's hits, paged as the backend pages them: by time and the order in which they came."""

    def __init__(self) -> None:
        self.hits: list[Hit] = []

    def add(self, process: int, same_time: bool) -> Hit:
        number = len(self.hits)
        time = self.hits[-1].timestamp if same_time and self.hits else (START + timedelta(seconds=number)).isoformat()
        hit = Hit(id=f"h{number:04}", breakpoint_id="b", timestamp=time, filename="a.py", line_number=1, process_id=f"p{process}")
        self.hits.append(hit)
        return hit

    async def hits_of(self, query: HitsQuery) -> Hits:
        def key(number: int) -> tuple[int, int]:
            return (datetime.fromisoformat(self.hits[number].timestamp) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(
                microseconds=1
            ), number

        before = tuple(map(int, query.cursor.split("-"))) if query.cursor else (10**20, 0)
        found = [number for number in reversed(range(len(self.hits))) if key(number) < before]
        page = found[: query.limit]
        cursor = "{}-{}".format(*key(page[-1])) if len(page) < len(found) else None
        return Hits(results=tuple(self.hits[number] for number in page), cursor=cursor)


class Remote:
    host = "http://memory"

    def __init__(self, stored: Stored) -> None:
        self.hits = stored.hits_of


KINDS = ["hit", "hit", "hit", "told", "look", "back", "back", "forth", "newest"]
STEPS = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 2), st.booleans()), max_size=80)


@given(STEPS)
@settings(max_examples=300, deadline=None)
def test_a_step_back_is_always_to_the_hit_before(steps) -> None:
    asyncio.run(_walk(steps))


async def _walk(steps) -> None:
    stored, known = Stored(), Known(host="http://memory")
    known.put_breakpoint(Breakpoint(id="b", filename="a.py", line_number=1))
    session = Session(
        remote=Remote(stored), repositories=Repositories(), outbox=Outbox(None), known=known, followed=Followed(None)
    )
    feed = LiveFeed(session, HitChoice(), told=lambda _: None, failed=lambda _: None)
    # Small pages, so that few hits make many of them.
    before = hit_feed.FIRST_PAGE, hit_feed.CATCH_UP
    hit_feed.FIRST_PAGE, hit_feed.CATCH_UP = 3, 2
    try:
        here = None
        for what, process, same_time in steps:
            ours = [hit for hit in stored.hits if hit.process_id == "p0"]
            if what == "hit":
                hit = stored.add(process, same_time)
                if not same_time:
                    known.hits.add(summarise(hit))
            elif what == "told":
                feed._take_summaries(["b"])
            elif what == "look":
                await feed._fetch("b", hit_feed.CATCH_UP)
            elif LANE not in feed.axes:
                continue
            elif here is None or what == "newest":
                here = feed.axes[LANE].newest()
            elif what == "forth":
                here = await feed.newer(LANE, here) or here
            elif what == "back":
                older = await feed.older(LANE, here)
                wanted = max(
                    (hit for hit in ours if (hit.timestamp, hit.id) < here.key),
                    key=lambda it: (it.timestamp, it.id),
                    default=None,
                )
                assert (wanted and wanted.id) == (older and older.hit_id)
                here = older or here
    finally:
        hit_feed.FIRST_PAGE, hit_feed.CATCH_UP = before
