"""The tables of the current schema. docs/store.md says what each is for.

A change here needs a new step in migrations.py and a frozen database of the schema it leaves.
"""

from __future__ import annotations

from functools import partial

import sqlalchemy as sa

from monitor.store.columns import Count, Digest, Document, Instant, Real, Words

metadata = sa.MetaData()

_must = partial(sa.Column, nullable=False)

# SQLite numbers rows by itself in columns of the very type INTEGER only.
_Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _id() -> sa.Column[int]:
    return sa.Column("id", _Id, primary_key=True)


def _space(index: bool = False, primary_key: bool = False) -> sa.Column[str]:
    of = sa.ForeignKey("spaces.name")
    return _must("space", Words, of, index=index, primary_key=primary_key)


store_schema = sa.Table(
    "store_schema",
    metadata,
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
)

spaces = sa.Table(
    "spaces",
    metadata,
    sa.Column("name", Words, primary_key=True),
    _must("dim", Count),
    _must("contract", Document),
    _must("created_at", Instant),
)

versions = sa.Table(
    "versions",
    metadata,
    _space(primary_key=True),
    sa.Column("label", Words, primary_key=True),
    _must("digest", Words),
    _must("rows", Count),
    _must("dim", Count),
    _must("created_at", Instant),
    sa.Column("parent", Words),
    _must("card", Document),
    _must("blob", Digest),
    _must("stored_at", Instant),
)

bases = sa.Table(
    "bases",
    metadata,
    _id(),
    _space(),
    _must("basis_id", Words),
    _must("blob", Digest),
    _must("added_at", Instant),
    sa.UniqueConstraint("space", "basis_id"),
)

inputs = sa.Table(
    "inputs",
    metadata,
    _id(),
    _space(),
    _must("basis_id", Words),
    _must("source_key", Words),
    _must("digest", Words),
    _must("rows", Count),
    _must("stamp", Words),
    _must("added_at", Instant),
    sa.Column("replaced_at", Instant),
    sa.ForeignKeyConstraint(["space", "basis_id"], ["bases.space", "bases.basis_id"]),
    sa.Index("inputs_by_key", "space", "basis_id", "source_key"),
    sa.Index("inputs_by_digest", "space", "basis_id", "digest"),
)

windows = sa.Table(
    "windows",
    metadata,
    _id(),
    _space(),
    _must("basis_id", Words),
    _must("start", Instant),
    _must("end", Instant),
    _must("revision", Count),
    _must("changed_at", Instant),
    sa.ForeignKeyConstraint(["space", "basis_id"], ["bases.space", "bases.basis_id"]),
    sa.UniqueConstraint("space", "basis_id", "start", "end"),
)

parts = sa.Table(
    "parts",
    metadata,
    _id(),
    _must("window_id", _Id, sa.ForeignKey("windows.id")),
    _must("input_id", _Id, sa.ForeignKey("inputs.id"), index=True),
    _must("content_digest", Words),
    _must("rows", Count),
    _must("profile", Digest),
    sa.Column("traces", Digest),
    sa.UniqueConstraint("window_id", "input_id", "content_digest"),
)

reference_log = sa.Table(
    "reference_log",
    metadata,
    _id(),
    _space(index=True),
    _must("kind", Words),
    sa.Column("start", Instant),
    sa.Column("end", Instant),
    _must("basis_id", Words),
    sa.Column("calibration", Digest),
    _must("state", Words),
    _must("detail", Document),
    _must("set_at", Instant),
)

runs = sa.Table(
    "runs",
    metadata,
    sa.Column("id", Words, primary_key=True),
    _must("kind", Words),
    _space(),
    _must("monitor", Words),
    _must("started_at", Instant),
    _must("finished_at", Instant),
    sa.Column("document", Digest),
    sa.Index("runs_by_space", "space", "started_at"),
)


def _verdict_columns() -> tuple[sa.Column[object], ...]:
    return (
        _must("space", Words, sa.ForeignKey("spaces.name")),
        _must("monitor", Words),
        _must("start", Instant),
        _must("end", Instant),
        _must("config_digest", Words),
        _must("word", Words),
        sa.Column("p_value", Real),
        sa.Column("score", Real),
        sa.Column("threshold", Real),
        _must("rows", Count),
        _must("content", Count),
        _must("detail", Document),
        _must("run_id", Words, sa.ForeignKey("runs.id")),
        _must("revision", Count),
        _must("decided_at", Instant),
    )


verdicts = sa.Table(
    "verdicts",
    metadata,
    _id(),
    *_verdict_columns(),
    sa.UniqueConstraint("space", "monitor", "start", "end", "config_digest"),
    sa.Index("verdicts_by_time", "space", "start", "end", "monitor"),
)

superseded_verdicts = sa.Table(
    "superseded_verdicts",
    metadata,
    _id(),
    *_verdict_columns(),
    _must("superseded_by", Words, sa.ForeignKey("runs.id")),
    sa.UniqueConstraint("space", "monitor", "start", "end", "config_digest", "revision"),
)

alerts = sa.Table(
    "alerts",
    metadata,
    sa.Column("fingerprint", Words, primary_key=True),
    _must("space", Words, index=True),
    _must("labels", Document),
    _must("state", Words),
    _must("since", Instant),
    sa.Column("window_start", Instant),
    sa.Column("window_end", Instant),
    _must("quiet", Count),
    _must("severity", Words),
    sa.Column("acked_at", Instant),
    sa.Column("acked_by", Words),
    _must("summary", Words),
    sa.Column("last_sent_at", Instant),
    _must("breaches", Count),
    _must("told", Words),
    _must("body", Document),
)

silences = sa.Table(
    "silences",
    metadata,
    sa.Column("id", Words, primary_key=True),
    _must("matchers", Document),
    _must("start", Instant),
    _must("end", Instant),
    _must("author", Words),
    _must("comment", Words),
)

turns = sa.Table(
    "turns",
    metadata,
    sa.Column("monitor", Words, primary_key=True),
    _must("space", Words),
    _must("run_id", Words),
    _must("started_at", Instant),
    _must("finished_at", Instant),
    _must("error", Words),
    sa.Column("succeeded_at", Instant),
    _must("cut_off", sa.Integer),
)

flips = sa.Table(
    "flips",
    metadata,
    _id(),
    _must("run_id", Words, sa.ForeignKey("runs.id"), index=True),
    _must("space", Words, index=True),
    _must("labels", Document),
    _must("before", Words),
    _must("after", Words),
    _must("at", Instant),
    sa.Column("window_start", Instant),
    sa.Column("window_end", Instant),
    _must("summary", Words),
    _must("body", Document),
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", Words, primary_key=True),
    _must("run_id", Words, sa.ForeignKey("runs.id")),
    _must("sink", Words),
    _must("payload", Document),
    _must("attempts", Count),
    _must("created_at", Instant),
    _must("next_at", Instant),
    _must("state", Words),
    _must("error", Words),
    sa.Column("owner", Words),
    sa.Column("claimed_until", Instant),
    sa.Column("ended_at", Instant),
    sa.Index("outbox_by_turn", "state", "created_at", "next_at", "id"),
)

leases = sa.Table(
    "leases",
    metadata,
    sa.Column("name", Words, primary_key=True),
    sa.Column("owner", Words),
    _must("fence", Count),
    _must("since", Instant),
    _must("expires_at", Instant),
)

marks = sa.Table(
    "marks",
    metadata,
    _id(),
    _space(),
    _must("text", Words),
    _must("at", Instant),
    _must("added_at", Instant),
    sa.UniqueConstraint("space", "at", "text"),
)

purges = sa.Table(
    "purges",
    metadata,
    _id(),
    _space(index=True),
    _must("at", Instant),
    _must("author", Words),
    sa.Column("subject", Words),
    sa.Column("before", Instant),
    _must("removed", Document),
)
