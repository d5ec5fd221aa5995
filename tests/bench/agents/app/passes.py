"""Code that runs very often; nothing in it takes long, so that what an agent adds shows."""

from __future__ import annotations


def loop(count: int, user_id: str, items: list[int]) -> int:
    total = len(user_id) + len(items)
    for number in range(count):
        total += number  # here: loop
    return total


def called(user_id: str, items: list[int]) -> int:
    return len(user_id) + len(items)  # here: function


def calls(count: int, user_id: str, items: list[int]) -> int:
    for _ in range(count):
        called(user_id, items)
    return count
