"""The only wiring: each command, from sources through store to report and alerts.

A method imports what it runs: two files are compared without the store and the alerts, which take
longer to import than small files to compare.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from monitor.config import Config
from monitor.model import Columns
from monitor.pipeline.serving import Logs
from monitor.pipeline.workspace import Log, Progress, Workspace, _silent, _unheard, _utc_now

if TYPE_CHECKING:
    from monitor.pipeline.backfilling import Mode

Answer = dict[str, Any]
_NO_COLUMNS = Columns()
_EMPTY: Mapping[str, Any] = {}


class Monitor:
    """The commands as methods; every one returns the JSON that the command line prints.

    config: the settings; progress(what, done, total or None) is told how far a command is; now
    is the clock; log(event, details) is told what a run does; stdout is where the sink of that
    name prints. Errors are `monitor.errors.MonitorError`s.
    """

    def __init__(
        self,
        config: Config,
        *,
        progress: Progress | None = None,
        now: Callable[[], datetime] | None = None,
        log: Log | None = None,
        stdout: TextIO | None = None,
    ) -> None:
        self._use(Workspace(config, now or _utc_now, progress or _silent, log or _unheard, stdout))

    def _use(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.logs = Logs(workspace)

    def embed(
        self, method: str, source: Any, out: Path, *, outputs: int = 100, **how: Any
    ) -> Answer:
        """Embeds a source by one of `monitor.embedders.METHODS` and writes the vectors to `out`.

        how: fields of `monitor.embedders.Recipe`. Parquet with a contract in its metadata, a
        sparse .npz for one-hot. Says what the vectors cost a layer of `outputs` on top of them.
        """
        from monitor.embedders import Recipe
        from monitor.pipeline import embedding

        recipe = Recipe(source, **how)
        return embedding.embed(self.workspace, method, recipe, out, outputs)

    def export(self, kind: str, what: str, out: str | Path, *, model: str | None = None) -> Answer:
        """Writes verdicts (`evidently`), a version's rows (`projector`) or the map of a report's
        JSON (`atlas`) into the folder `out`; or logs the JSON of an answer to `mlflow` at the URI
        `out`, as one of the registered version `model`, NAME/VERSION, if given."""
        from monitor.pipeline import exporting

        return exporting.export(self.workspace, kind, what, out, model=model)

    def snapshot(
        self,
        space: str,
        version: str,
        source: Any,
        columns: Columns = _NO_COLUMNS,
        *,
        parent: str | None = None,
    ) -> Answer:
        """Stores the rows of `source` as an immutable version; the same content again does
        nothing, other content under the same label is refused."""
        from monitor.pipeline import snapshots

        return snapshots.snapshot(self.workspace, space, version, source, columns, parent=parent)

    def versions(self, space: str) -> Answer:
        """The versions of a space, oldest first."""
        from monitor.pipeline import snapshots

        return snapshots.versions(self.workspace, space)

    def show(self, ref: str, *, against: str | None = None, out: Path | None = None) -> Answer:
        """The card of `SPACE@VERSION` and its lineage; what differs `against` another version;
        `out` is where its card is written, a file of about a megabyte that `compare` takes."""
        from monitor.pipeline import snapshots

        return snapshots.show(self.workspace, ref, against=against, out=out)

    def compare(
        self,
        a: str,
        b: str,
        columns: Columns = _NO_COLUMNS,
        columns_b: Columns | None = None,
        *,
        expect: str | None = None,
        slices: Sequence[str] = (),
        queries: tuple[str, str] | None = None,
        analogies: Sequence[tuple[str, str]] = (),
        seed: int = 0,
        out: Path | None = None,
    ) -> Answer:
        """Version b against version a, item by item; each is `SPACE@VERSION` or a source. `expect`
        is same-encoder, retrain or upgrade; `slices` names columns; `queries` are embedded for a
        and for b; `analogies` are pairs of ids one step apart; `out` is where a
        report is rendered, if anywhere."""
        from monitor.pipeline import pairs

        return pairs.compare(
            self.workspace,
            a,
            b,
            columns,
            columns_b or columns,
            expect=expect,
            slices=slices,
            queries=queries,
            analogies=analogies,
            seed=seed,
            out=out,
        )

    def audit(
        self,
        a: str,
        columns: Columns = _NO_COLUMNS,
        *,
        canaries: str | None = None,
        seed: int = 0,
        out: Path | None = None,
    ) -> Answer:
        """One version or source by itself: mixed encoders, corrupt rows, dead dimensions, hubs;
        `canaries` are fresh vectors of some of its texts, under their ids, which prove whose
        the stored ones are; `out` is where a report is rendered, if anywhere."""
        from monitor.pipeline import pairs

        return pairs.audit(self.workspace, a, columns, canaries=canaries, seed=seed, out=out)

    def coverage(
        self,
        queries: str,
        corpus: str,
        columns: Columns = _NO_COLUMNS,
        *,
        reference: str | None = None,
        limit: float | None = None,
        seed: int = 0,
    ) -> Answer:
        """Which queries no item of a corpus is near, by topic; `reference` are queries that are
        known to be served, which calibrate how near is near, else `limit` is that similarity."""
        from monitor.pipeline import covering

        return covering.coverage(
            self.workspace, queries, corpus, columns, reference=reference, limit=limit, seed=seed
        )

    def origin(
        self, rows: str, versions: Sequence[str], columns: Columns = _NO_COLUMNS, *, seed: int = 0
    ) -> Answer:
        """Which of the versions, the first of them declared, made the vectors of a source."""
        from monitor.pipeline import covering

        return covering.origin(self.workspace, rows, versions, columns, seed=seed)

    def neighbors(self, a: str, item: str, k: int = 10, *, against: str | None = None) -> Answer:
        """The k items of a version or source nearest to an item, found by id or by text; with
        `against` also those gained and lost there."""
        from monitor.pipeline import snapshots

        return snapshots.neighbors(self.workspace, a, item, k, against)

    def ingest(
        self,
        space: str,
        source: Any,
        columns: Columns = _NO_COLUMNS,
        *,
        every: str = "1d",
        sample: int = 2048,
        segments: Sequence[str] = (),
    ) -> Answer:
        """Splits traffic into windows of length `every` and adds their profiles; the same source
        twice changes nothing, and late rows are merged into their window. Every value of the
        columns `segments` is followed, too."""
        from monitor.pipeline import ingestion

        return ingestion.ingest(
            self.workspace, space, source, columns, every=every, sample=sample, segments=segments
        )

    def log(
        self,
        monitor: str,
        vectors: Any,
        columns: Mapping[str, Sequence[Any]] = _EMPTY,
        *,
        at: datetime | None = None,
    ) -> bool:
        """Takes rows (n, d) from a service, for the monitor's next run; False where dropped.

        Never waits: a thread writes them as Parquet where the monitor's source finds them.
        columns: n values each, or one for all; at: when they came, by default now. `logs.counts()`
        says what was written and dropped, `logs.close()` writes what waits.
        """
        return self.logs.log(monitor, vectors, columns, at)

    def profile(
        self,
        space: str,
        source: str,
        columns: Columns = _NO_COLUMNS,
        *,
        out: Path,
        shard: tuple[int, int] = (1, 1),
        every: str = "1d",
        sample: int = 2048,
        segments: Sequence[str] = (),
    ) -> Answer:
        """Profiles the files `number` of `shards`, counted from 1, of a pattern into the file
        `out`, for `merge`; the store is only read. The space has a basis by then."""
        from monitor.pipeline import sharding

        how = {"every": every, "sample": sample, "segments": segments}
        return sharding.profile(
            self.workspace, space, source, columns, shard=shard, out=out, how=how
        )

    def merge(self, space: str, paths: Sequence[Path]) -> Answer:
        """Adds what `profile` wrote: the same bytes as `ingest` of each file would have stored.
        The same twice changes nothing."""
        from monitor.pipeline import sharding

        return sharding.merge(self.workspace, space, paths)

    def reference(
        self,
        space: str,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        trailing: str | None = None,
        version: str | None = None,
    ) -> Answer:
        """Sets what windows are judged against, and calibrates: a stretch of time, the last
        `trailing` of it, or a version."""
        from monitor.pipeline import references

        return references.reference(
            self.workspace, space, start=start, end=end, trailing=trailing, version=version
        )

    def check(
        self, space: str, *, window: str = "latest", false_alarms: str | None = None
    ) -> Answer:
        """Judges the `latest` window, `all`, or the one that holds a time; keeps the verdicts."""
        from monitor.pipeline import checking

        return checking.check(self.workspace, space, window=window, false_alarms=false_alarms)

    def replay(
        self,
        space: str,
        *,
        trailing: str = "8w",
        false_alarms: str | None = None,
        inject: Sequence[float] = (),
        others: bool = False,
        out: Path | None = None,
    ) -> Answer:
        """The rule over the stored history of a space: alarms per 1000 windows, with a 95 %
        interval, each window judged by the `trailing` time before it. Keeps and sends nothing.
        inject: shares of rows that one topic grows by, in copies of the history; told is how soon
        each is found. others: also how often default rules of other tools would have alarmed. `out`
        gets a page."""
        from monitor.pipeline import replay

        return replay.replay(
            self.workspace,
            space,
            trailing=trailing,
            false_alarms=false_alarms,
            inject=inject,
            others=others,
            out=out,
        )

    def drift(
        self,
        a: Any,
        b: Any,
        columns: Columns = _NO_COLUMNS,
        columns_b: Columns | None = None,
        *,
        seed: int = 0,
        out: Path | None = None,
    ) -> Answer:
        """Drift of source b against source a, without a store; `out` gets a page."""
        from monitor.pipeline import drifting

        return drifting.drift(
            self.workspace, a, b, columns, columns_b or columns, seed=seed, out=out
        )

    @contextmanager
    def rehearsal(self) -> Iterator[Monitor]:
        """A Monitor for dry runs: all its methods do their work on a copy of the store that is
        gone at the end, and what they would send is under `messages` of the answer."""
        from monitor.pipeline.rehearsing import rehearsed

        with rehearsed(self.workspace) as workspace:
            own = object.__new__(type(self))
            own._use(workspace)
            yield own

    def run(self, names: Sequence[str] = (), *, as_of: datetime | None = None) -> Answer:
        """Runs monitors of the configuration, all if none is named."""
        from monitor.pipeline import jobs

        return jobs.run(self.workspace, names, as_of=as_of)

    def backfill(
        self,
        monitor: str,
        *,
        start: datetime,
        end: datetime,
        mode: Mode = "none",
    ) -> Answer:
        """Judges windows of the past: those without a verdict, those that could not be judged
        (`failed`), or all (`completed`). Nobody is alerted."""
        from monitor.pipeline import backfilling

        return backfilling.backfill(self.workspace, monitor, start=start, end=end, mode=mode)

    def report(self, space: str, *, window: str | None = None, out: Path | None = None) -> Answer:
        """Renders the report of a space; `report` in the answer is its path."""
        from monitor.pipeline import reporting

        return reporting.report(self.workspace, space, window=window, out=out)

    def render(self, run_json: Path, out: Path, *, fragment: bool = False) -> Answer:
        """Renders the page of a run's JSON: the same page that the run itself made.

        `out` ending in .md gets Markdown, in .svg or .png a picture; fragment: HTML without
        scripts, to put into another page.
        """
        from monitor.pipeline import reporting

        return reporting.render_file(self.workspace, run_json, out, fragment=fragment)

    def status(self, *, out: Path | None = None) -> Answer:
        """What fires now, the last verdict of every monitor, and what waits to be sent; `out`
        gets a page."""
        from monitor.pipeline import standing

        return standing.status(self.workspace, out=out)

    def history(self, space: str, last: int | None = None) -> Answer:
        """The verdicts of a space over time; of its `last` windows if given."""
        from monitor.pipeline import standing

        return standing.history(self.workspace, space, last)

    def alerts_list(self) -> Answer:
        """Every alert and where it stands."""
        from monitor.pipeline import alertdesk

        return alertdesk.alerts_list(self.workspace)

    def alerts_show(self, id: str) -> Answer:
        """One alert with its history."""
        from monitor.pipeline import alertdesk

        return alertdesk.alerts_show(self.workspace, id)

    def alerts_ack(self, fingerprint: str) -> Answer:
        """Notes that someone looks after an alert."""
        from monitor.pipeline import alertdesk

        return alertdesk.alerts_ack(self.workspace, fingerprint)

    def alerts_silence(
        self,
        matchers: Mapping[str, str],
        *,
        start: datetime | None = None,
        length: str = "2h",
        author: str | None = None,
        comment: str = "",
    ) -> Answer:
        """Mutes alerts by label for a while; a pattern may hold `*`."""
        from monitor.pipeline import alertdesk

        return alertdesk.alerts_silence(
            self.workspace, matchers, start=start, length=length, author=author, comment=comment
        )

    def alerts_unsilence(self, silence: str) -> Answer:
        """Ends a silence now."""
        from monitor.pipeline import alertdesk

        return alertdesk.alerts_unsilence(self.workspace, silence)

    def mark(self, space: str, text: str, *, at: datetime | None = None) -> Answer:
        """Puts a deploy or another event on the trend of a space, by default now."""
        from monitor.pipeline import alertdesk

        return alertdesk.mark(self.workspace, space, text, at=at)

    def alerts_test(self, sink: str) -> Answer:
        """Sends a test message to a sink."""
        from monitor.pipeline import alertdesk

        return alertdesk.alerts_test(self.workspace, sink)

    def alerts_flush(self, *, again: bool = False) -> Answer:
        """Delivers what waits in the outbox; `again`: also what was given up within a week."""
        from monitor.pipeline import alertdesk

        return alertdesk.alerts_flush(self.workspace, again=again)

    def gc(self, dry_run: bool = False) -> Answer:
        """Removes files that nothing refers to any more."""
        from monitor.pipeline import standing

        return standing.gc(self.workspace, dry_run)

    def store_check(self) -> Answer:
        """Reads every blob in use and checks the database; `problems` says what is wrong."""
        from monitor.pipeline import housekeeping

        return housekeeping.store_check(self.workspace)

    def store_upgrade(self) -> Answer:
        """Makes or migrates the tables of the store for this release."""
        from monitor.pipeline import housekeeping

        return housekeeping.store_upgrade(self.workspace)

    def store_backup(self, folder: Path) -> Answer:
        """Copies the store into a new one in `folder`."""
        from monitor.pipeline import housekeeping

        return housekeeping.store_backup(self.workspace, folder)

    def store_restore(self, folder: Path) -> Answer:
        """Copies what `store_backup` wrote into the store of the settings, which is empty."""
        from monitor.pipeline import housekeeping

        return housekeeping.store_restore(self.workspace, folder)

    def store_copy(self, url: str, blobs: str) -> Answer:
        """Copies the store of the settings into the empty one at `url` and `blobs`."""
        from monitor.pipeline import housekeeping

        return housekeeping.store_copy(self.workspace, url, blobs)

    def purge(
        self,
        space: str | None = None,
        *,
        subject: str | None = None,
        older_than: str | None = None,
        columns: Sequence[str] = (),
    ) -> Answer:
        """Forgets the rows whose id, entity or one of `columns` is `subject`, or the windows that
        ended longer ago than `older_than`, in one space or in all: samples, versions, documents,
        messages and pages. Counts and sums stay."""
        from monitor.pipeline import purging

        return purging.purge(
            self.workspace, space, subject=subject, older_than=older_than, columns=columns
        )

    def purges(self) -> Answer:
        """What was purged, when and by whom."""
        from monitor.pipeline import purging

        return purging.purges(self.workspace)

    def doctor(self) -> Answer:
        """Tries every part that the configuration names."""
        from monitor.pipeline import doctoring

        return doctoring.doctor(self.workspace)

    def demo(self, folder: Path) -> Answer:
        """The main job on sample data, start to end, in `folder`."""
        from monitor.pipeline import tour

        return tour.demo(self.workspace, folder)
