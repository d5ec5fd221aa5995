"""A project and keys that are given from outside, for containers: whoever deploys the backend knows its keys beforehand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from livebreak.backend.auth import EVERYTHING
from livebreak.backend.clock import system_clock
from livebreak.backend.identity import (
    PERSONAL_KEY_PREFIX,
    PROJECT_TOKEN_PREFIX,
    SECRET_KEY_PREFIX,
    key_digest,
    key_hint,
    new_key,
)
from livebreak.backend.store.interface import KeyDraft, Store

VARIABLE = "LIVEBREAK_BOOTSTRAP_"

SHORTEST_KEY = 32
"""Characters after a key's prefix: with fewer somebody could guess it, and only a digest made for random keys is stored."""

LONGEST_KEY = 60
"""With the prefix it is what a project token may have."""

_KEY = re.compile(rf"(ph[xsc]_)[a-zA-Z0-9]{{{SHORTEST_KEY},{LONGEST_KEY}}}\Z")


class BootstrapError(ValueError):
    """One sentence: which variable is wrong, and what to do. It holds no key."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """What a deployment says that there shall be."""

    project: str
    """The project's name, by which it is found again at the next start."""
    secret_key: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    api_key: str | None = field(default=None, repr=False)
    owner: str | None = None
    """The person whose key `api_key` is."""


def read_given(environment: Mapping[str, str]) -> Given | None:
    """What the variables `LIVEBREAK_BOOTSTRAP_…` say, each itself or as `…_FILE`; None if there are none. `BootstrapError`."""
    if not any(name.startswith(VARIABLE) for name in environment):
        return None
    known = {VARIABLE + name + end for name in _NAMES for end in ("", "_FILE")}
    unknown = sorted(name for name in environment if name.startswith(VARIABLE) and name not in known)
    if unknown:
        raise BootstrapError(f"{unknown[0]} is not known; there are {', '.join(VARIABLE + name for name in _NAMES)}.")
    values = {name: _value(environment, VARIABLE + name) for name in _NAMES}
    return Given(
        project=values["PROJECT"] or "default",
        secret_key=_key(values, "SECRET_KEY", SECRET_KEY_PREFIX),
        token=_key(values, "PROJECT_TOKEN", PROJECT_TOKEN_PREFIX),
        api_key=_key(values, "API_KEY", PERSONAL_KEY_PREFIX),
        owner=values["OWNER"],
    )


async def ensure(store: Store, given: Given) -> int:
    """See to it that project and keys are there, and return the project's number. Repeating it changes nothing; a key that is
    new beside a project that is there is added. `BootstrapError` if a key or the token cannot be used."""
    now = system_clock()
    project = next((row for row in await store.projects() if row.name == given.project), None)
    keys = {row.digest: row for row in await store.keys(None)}
    missing: list[KeyDraft] = []
    for name, draft in _drafts(given):
        known = keys.get(draft.digest)
        if known is None:
            missing.append(draft)
        elif known.revoked_at is not None:
            raise BootstrapError(f"{VARIABLE}{name} is a key that was revoked; give a new one.")
        elif project is None or known.project_id != project.id:
            raise BootstrapError(f"{VARIABLE}{name} is a key of another project; each needs its own.")
    if project is None:
        token = given.token or new_key(PROJECT_TOKEN_PREFIX)
        if await store.project_of_token(token) is not None:
            raise BootstrapError(f"{VARIABLE}PROJECT_TOKEN is another project's; each needs its own.")
        secret = next((draft for draft in missing if draft.kind == "secret"), None)
        project = await store.create_project(given.project, token, secret or _secret(new_key(SECRET_KEY_PREFIX)), now)
        missing = [draft for draft in missing if draft.kind != "secret"]
    elif given.token not in {None, project.token}:
        raise BootstrapError(f"The project {given.project!r} has another token already; leave {VARIABLE}PROJECT_TOKEN out.")
    for draft in missing:
        await store.create_key(project.id, draft, now)
    return project.id


def _drafts(given: Given) -> Iterator[tuple[str, KeyDraft]]:
    if given.secret_key is not None:
        yield "SECRET_KEY", _secret(given.secret_key)
    if given.api_key is not None:
        digest, hint = key_digest(given.api_key), key_hint(given.api_key)
        yield "API_KEY", KeyDraft(kind="personal", digest=digest, hint=hint, scopes=(EVERYTHING,), owner=given.owner)


def _secret(key: str) -> KeyDraft:
    return KeyDraft(kind="secret", digest=key_digest(key), hint=key_hint(key))


_NAMES = ("PROJECT", "SECRET_KEY", "PROJECT_TOKEN", "API_KEY", "OWNER")


def _value(environment: Mapping[str, str], name: str) -> str | None:
    text, file = environment.get(name, "").strip(), environment.get(name + "_FILE", "").strip()
    if text and file:
        raise BootstrapError(f"{name} and {name}_FILE are both set; choose one.")
    if not file:
        return text or None
    try:
        return Path(file).read_text().strip() or None
    except (OSError, UnicodeDecodeError):
        raise BootstrapError(f"The file that {name}_FILE names cannot be read; check its path and permissions.") from None


def _key(values: Mapping[str, str | None], name: str, prefix: str) -> str | None:
    key = values[name]
    match = _KEY.match(key or prefix)
    if key is not None and (match is None or match[1] != prefix):
        raise BootstrapError(
            f"{VARIABLE}{name} is no usable key: write {prefix} and {SHORTEST_KEY} to {LONGEST_KEY} random letters and digits."
        )
    return key
