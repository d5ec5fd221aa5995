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

    def add(self, process: int, same_time: bool, late: int = 0) -> Hit:
        number = len(self.hits)
        newest = max((hit.timestamp for hit in self.hits), default=None)
        time = newest if same_time and newest else (START + timedelta(seconds=number - late, microseconds=late)).isoformat()
        hit = Hit(id=f"h{number:04}", breakpoint_id="b", timestamp=time, filename="a.py", line_number=1, process_id=f"p{process}")
        self.hits.append(hit)
        return hit

    async def hits_of(self, query: HitsQuery) -> Hits:
        def key(number: int) -> tuple[int, int]:
            return (datetime.fromisoformat(self.hits[number].timestamp) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(
                microseconds=1
            ), number

        before = tuple(map(int, query.cursor.split("-"))) if query.cursor else (10**20, 0)
        found = sorted((number for number in range(len(self.hits)) if key(number) < before), key=key, reverse=True)
        page = found[: query.limit]
        cursor = "{}-{}".format(*key(page[-1])) if len(page) < len(found) else None
        return Hits(results=tuple(self.hits[number] for number in page), cursor=cursor)


class Remote:
    host = "http://memory"

    def __init__(self, stored: Stored) -> None:
        self.hits = stored.hits_of


KINDS = ["hit", "hit", "hit", "late", "late", "told", "look", "back", "back", "forth", "newest"]
STEPS = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 2), st.booleans()), max_size=120)


@given(STEPS)
@settings(max_examples=3 * settings().max_examples)
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
        here, untold = None, False
        for what, process, same_time in steps:
            ours = [hit for hit in stored.hits if hit.process_id == "p0"]
            if what == "hit":
                hit = stored.add(process, same_time)
                if not same_time:
                    known.hits.add(summarise(hit))
            elif what == "late":
                stored.add(process, same_time=False, late=1 + 7 * process)
                untold = True
            elif what == "told":
                feed._take_summaries(["b"])
            elif what == "look":
                # As the stream tells it: the newest, and how many there are.
                if stored.hits:
                    known.hits.add(summarise(max(stored.hits, key=lambda it: it.timestamp)), len(stored.hits))
                feed._take_summaries(["b"], are_news=True)
                await feed._catch_up("b")
                untold = False
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
                assert untold or (wanted and wanted.id) == (older and older.hit_id)
                here = older or here
    finally:
        hit_feed.FIRST_PAGE, hit_feed.CATCH_UP = before


async def test_late_hits_far_back_in_what_was_known_are_met_all_the_same(monkeypatch) -> None:
    monkeypatch.setattr(hit_feed, "FIRST_PAGE", 3)
    monkeypatch.setattr(hit_feed, "CATCH_UP", 2)
    stored, known = Stored(), Known(host="http://memory")
    known.put_breakpoint(Breakpoint(id="b", filename="a.py", line_number=1))
    session = Session(
        remote=Remote(stored), repositories=Repositories(), outbox=Outbox(None), known=known, followed=Followed(None)
    )
    feed = LiveFeed(session, HitChoice(), told=lambda _: None, failed=lambda _: None)
    for _ in range(60):
        newest = stored.add(0, same_time=False)

    async def met() -> list[str]:
        known.hits.add(summarise(newest), len(stored.hits))
        feed._take_summaries(["b"], are_news=True)
        await feed._catch_up("b")
        here = feed.axes[LANE].newest()
        ids = [here.hit_id]
        while (older := await feed.older(LANE, here)) is not None:
            here = older
            ids.append(here.hit_id)
        return ids

    assert 60 == len(await met())
    for number in range(5):
        stored.add(0, same_time=False, late=50 + number)
    by_time = [hit.id for hit in sorted(stored.hits, key=lambda it: it.timestamp, reverse=True)]

    assert by_time == await met()
