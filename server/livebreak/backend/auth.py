"""Who asks, and whether they may: keys to principals, and the project that a URL names.

Checks come in the contract's order: credentials, project, permission and scope.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from typing import Literal

from starlette.requests import Request

from livebreak.backend.errors import (
    TOO_LARGE,
    ApiError,
    authentication_failed,
    incorrect_credentials,
    not_authenticated,
    not_found,
    permission_denied,
    scope_missing,
)
from livebreak.backend.identity import PERSONAL_KEY_PREFIX, SECRET_KEY_PREFIX, key_digest
from livebreak.backend.request_body import read_body
from livebreak.backend.settings import MAX_KEY_BODY
from livebreak.backend.store.interface import Actor, KeyRow, ProjectRow, Store

READ = "live_debugger:read"
WRITE = "live_debugger:write"
EVERYTHING = "*"
SCOPES = (READ, WRITE, EVERYTHING)
"""What a personal key can be given."""

CURRENT = "@current"

SOMEBODY = "somebody"
"""Who did it, where the key names no owner."""

AGENTS = "agents"
"""Who did it, where it was a project's secret key."""

_HEADER = "Authorization header"
_BEARER = re.compile(r"^Bearer\s+(\S.+)$")
_SECRET_KEY = re.compile(r"^phs_[a-zA-Z0-9]+$")


@dataclass(frozen=True, kw_only=True, slots=True)
class Principal:
    """The holder of a key."""

    kind: Literal["personal", "secret"]
    """`personal` is a person (`phx_`), `secret` the agents of a project (`phs_`)."""
    project_id: int
    key_id: int
    key_hint: str
    owner: str | None = None
    scopes: tuple[str, ...] = ()

    @property
    def actor(self) -> Actor:
        """As the audit log names the holder."""
        name = AGENTS if self.kind == "secret" else self.owner or SOMEBODY
        return Actor(name=name, key_id=self.key_id, key_hint=self.key_hint)

    def may(self, scope: str) -> bool:
        if EVERYTHING in self.scopes or scope in self.scopes:
            return True
        return scope == READ and WRITE in self.scopes


async def authenticate_anywhere(request: Request, store: Store, *, accept_secret: bool) -> Principal:
    """The principal of the key in header, body or query. `ApiError` 401, and 400 if the body is searched and unparsable."""
    key = bearer(request)
    if key is not None:
        return await _authenticate(key, store, accept_secret=accept_secret)
    fields = await _small_body(request)
    if not isinstance(fields, dict):
        fields = {}
    secret = fields.get("secret_api_key")
    if accept_secret and isinstance(secret, str) and _SECRET_KEY.match(secret):
        return await _authenticate(secret, store, accept_secret=True, where="body")
    # Where PostHog looks for a person's key alone: a secret key in a query would be in every log on the way.
    personal = fields.get("personal_api_key")
    if isinstance(personal, str) and personal:
        return await _authenticate(personal, store, accept_secret=False, where="body")
    in_query = request.query_params.get("personal_api_key") or None
    return await _authenticate(in_query, store, accept_secret=False, where="query string")


async def authenticate(request: Request, store: Store) -> Principal:
    """The principal of the key in the header, of either kind. `ApiError` 401."""
    return await _authenticate(bearer(request), store, accept_secret=True)


async def _authenticate(key: str | None, store: Store, *, accept_secret: bool, where: str = _HEADER) -> Principal:
    if key is None:
        raise not_authenticated()
    row = await find_key(store, key)
    if row is None or (row.kind == "secret" and not accept_secret):
        raise authentication_failed(where)
    return Principal(
        kind=row.kind, project_id=row.project_id, key_id=row.id, key_hint=row.hint, owner=row.owner, scopes=row.scopes
    )


async def find_key(store: Store, key: str) -> KeyRow | None:
    """The stored row of a secret or personal key."""
    if not (key.startswith(PERSONAL_KEY_PREFIX) or _SECRET_KEY.match(key)):
        return None
    digest = key_digest(key)
    row = await store.key(digest)
    # The index compared digests, from whose timing nothing can be learnt of a key; this compares once more in constant time.
    if row is None or not hmac.compare_digest(row.digest, digest):
        return None
    expected = SECRET_KEY_PREFIX if row.kind == "secret" else PERSONAL_KEY_PREFIX
    return row if key.startswith(expected) else None


async def find_project(principal: Principal, named: str, store: Store, token: str | None = None) -> ProjectRow:
    """The project of a URL's `project_id`, if the principal belongs to it. `ApiError` 401, 403, 404.

    A project `token` in the query, as PostHog's first agent sends it, overrides what the URL names.
    """
    if token is not None:
        project = await store.project_of_token(token)
        if project is None:
            raise incorrect_credentials()
        return _own(principal, project)
    if named == CURRENT:
        number = principal.project_id
    elif named.isascii() and named.isdigit():
        number = min(int(named[:20]), 2**63 - 1)
    else:
        raise not_found("Project not found.")
    project = await store.project(number)
    if project is None:
        raise not_found("Project not found.")
    return _own(principal, project)


def require(principal: Principal, scope: str) -> None:
    """`ApiError` 403 if a person's key lacks the scope; a secret key has none, and is admitted route by route."""
    if principal.kind == "personal" and not principal.may(scope):
        raise scope_missing(scope)


def bearer(request: Request) -> str | None:
    match = _BEARER.match(request.headers.get("authorization", ""))
    return None if match is None else match[1].strip()


def token_in_query(request: Request) -> str | None:
    """The project token of a GET's query."""
    if request.method != "GET":
        return None
    return request.query_params.get("token") or request.query_params.get("api_key") or None


def _own(principal: Principal, project: ProjectRow) -> ProjectRow:
    if project.id == principal.project_id:
        return project
    if principal.kind == "secret":
        raise permission_denied()
    raise permission_denied(f"API key does not have access to the requested project: ID {project.id}.")


async def _small_body(request: Request) -> object:
    try:
        return (await read_body(request, MAX_KEY_BODY)).data
    except ApiError as error:
        if error.status == TOO_LARGE:
            raise not_authenticated() from None
        raise
