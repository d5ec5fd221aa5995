"""The tables, as they are after the newest migration (a test holds the two together).

Times are microseconds since 1970, UTC; lists and nested things are JSON texts.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from livebreak.backend.store.hit_shapes import FACT_COLUMNS

metadata = MetaData()

_Number = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows by itself only where the type is exactly INTEGER."""

projects = Table(
    "projects",
    metadata,
    Column("id", _Number, primary_key=True),
    Column("name", Text, nullable=False),
    Column("token", String(64), nullable=False, unique=True),
    Column("created_at", BigInteger, nullable=False),
    Column("retention_us", BigInteger),  # of hits; NULL is the backend's own
    Column("retained_hits", BigInteger),
    sqlite_autoincrement=True,
)

keys = Table(
    "keys",
    metadata,
    Column("id", _Number, primary_key=True),
    Column("project_id", _Number, nullable=False),
    Column("kind", String(16), nullable=False),  # personal, secret
    Column("digest", String(64), nullable=False, unique=True),
    Column("hint", String(16), nullable=False),
    Column("scopes", Text, nullable=False),
    Column("owner", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("last_used_at", BigInteger),
    Column("revoked_at", BigInteger),  # the row stays, so that the list and the audit log can still name the key
    sqlite_autoincrement=True,
)

audit = Table(
    "audit",
    metadata,
    Column("id", _Number, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    Column("times", BigInteger, nullable=False),
    Column("project_id", _Number, nullable=False),
    Column("action", String(32), nullable=False),
    Column("actor", Text, nullable=False),
    Column("key_id", _Number),
    Column("key_hint", String(16)),
    Column("subject", Text),
    Column("detail", Text, nullable=False),
    Column("hour", BigInteger),  # of reads, hours since 1970; of everything else NULL, and NULLs are distinct
    UniqueConstraint("project_id", "action", "key_id", "hour", name="one_row_of_reads_a_key_and_hour"),
    Index("audit_newest", "last_at"),
    sqlite_autoincrement=True,
)

breakpoints = Table(
    "breakpoints",
    metadata,
    Column("project_id", _Number, nullable=False),
    Column("id", String(36), nullable=False),
    Column("repository", Text),
    Column("filename", Text, nullable=False),
    Column("line_number", Integer, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("condition", Text),
    Column("anchor", Text),
    Column("anchor_digest", String(40), nullable=False, server_default=""),  # of the text that the line number refers to, or ""
    Column("log_message", Text),
    Column("watches", Text, nullable=False),
    Column("hit_limit", BigInteger),
    Column("expires_at", BigInteger),
    Column("limits", Text),
    Column("service", Text),
    Column("environment", Text),
    Column("owner", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("hits_stored", BigInteger, nullable=False, server_default="0"),
    Column("hits_owed", BigInteger, nullable=False, server_default="0"),  # those that streams were not told of yet
    Column("hits_limited", BigInteger, nullable=False, server_default="0"),  # verified ones since it was last enabled
    # Two projects may hold the same id, so that neither can find out about the other's.
    PrimaryKeyConstraint("project_id", "id"),
    # Rows without a repository never collide: NULLs are distinct. Line 2 of one text is not line 2 of another.
    UniqueConstraint("project_id", "repository", "filename", "line_number", "anchor_digest", name="one_breakpoint_a_line"),
    Index("breakpoints_newest", "project_id", "created_at"),
    Index("breakpoints_expiry", "enabled", "expires_at"),
)

hits = Table(
    "hits",
    metadata,
    Column("seq", _Number, primary_key=True),
    Column("project_id", _Number, nullable=False),
    Column("id", String(36), nullable=False),
    Column("breakpoint_id", Text),
    Column("timestamp", BigInteger, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("verified", Boolean, nullable=False),
    *(Column(name, Text) for name in FACT_COLUMNS),
    Column("hides_facts", Boolean, nullable=False, server_default="0"),  # a variable has the name of one of them
    Column("pinned_at", BigInteger),
    Column("pinned_by", Text),
    Column("payload", LargeBinary, nullable=False),  # last, since reading what stands behind it means reading all of it
    UniqueConstraint("project_id", "id", name="one_hit_an_id"),
    Index("hits_of_breakpoint", "project_id", "breakpoint_id", "timestamp"),
    Index("hits_of_project", "project_id", "timestamp"),
    Index("hits_age", "project_id", "received_at"),
    Index("hits_pinned", "project_id", "pinned_at", sqlite_where=text("pinned_at IS NOT NULL")),
    sqlite_autoincrement=True,
)

processes = Table(
    "processes",
    metadata,
    Column("project_id", _Number, nullable=False),
    Column("id", String(64), nullable=False),
    Column("report", Text, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("project_id", "id"),
)

pauses = Table(
    "pauses",
    metadata,
    Column("project_id", _Number, nullable=False),
    Column("service", Text, nullable=False),  # "" is the whole project, since a key cannot hold NULL
    Column("by", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("reason", Text),
    PrimaryKeyConstraint("project_id", "service"),
)

events = Table(
    "events",
    metadata,
    Column("id", _Number, primary_key=True),
    Column("project_id", _Number, nullable=False),
    Column("name", String(16), nullable=False),
    Column("data", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Index("events_of_project", "project_id", "id"),
    # Numbers are never given twice, even after the newest rows were deleted: clients resume by them.
    sqlite_autoincrement=True,
)
