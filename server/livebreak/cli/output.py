"""How commands print what they found out: JSON for programs, lines for people."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence


def print_fields(fields: Mapping[str, object], *, as_json: bool, title: str = "", notes: Sequence[str] = ()) -> None:
    """Named values, aligned; in JSON the notes are left out, since they follow from the values."""
    if as_json:
        print(json.dumps(fields))
        return
    if title:
        print(title)
    width = max(map(len, fields), default=0) + 2
    for name, value in fields.items():
        print(f"{name.replace('_', ' ') + ':':{width}}{shown(value)}")
    for note in notes:
        print(note)


def shown(value: object) -> str:
    """A value for a person's terminal, on which no text from elsewhere may draw, colour or reorder anything."""
    match value:
        case None | "":
            text = "-"
        case bool():
            text = "yes" if value else "no"
        case {"id": number, "name": name}:
            # A plain PostHog API tells no number.
            text = f"{number} ({name})" if number else str(name)
        case dict():
            text = ", ".join(f"{number} {name}" for name, number in value.items()) or "-"
        case list() | tuple():
            text = ", ".join(map(str, value)) or "-"
        case _:
            text = str(value)
    return "".join(character if character.isprintable() else "�" for character in text)
