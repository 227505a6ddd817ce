"""`embmon store`, with a real store behind it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from monitor.cli import main
from tests.postgres import Cluster
from tests.store.world import fill, opened


@pytest.fixture(autouse=True)
def _filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store with a row in every table, where the settings say."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EMBMON_STORE_BLOBS", "blobs")
    with opened(tmp_path) as store:
        fill(store)


def embmon(*words: str) -> Result:
    """The outcome of a command line."""
    return CliRunner().invoke(main, list(words), prog_name="embmon")


def test_check_tells_what_is_wrong(tmp_path: Path) -> None:
    """0 and one line where all is well; 1 and a sentence for each fault where it is not."""
    assert embmon("store", "check").output == "all of it is sound\n"
    blob = next((tmp_path / "blobs" / "sha256").glob("*/*"))
    blob.unlink()
    ran = embmon("store", "check", "--json")
    assert ran.exit_code == 1
    (problem,) = json.loads(ran.stdout)["problems"]
    digest = f"sha256:{blob.parent.name}{blob.name}"
    assert problem == f"blob {digest} is missing in {tmp_path / 'blobs'}"


def test_backup_and_restore(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was backed up comes back, and only into an empty store."""
    before = json.loads(embmon("history", "dishes", "--json").stdout)["windows"]
    assert embmon("store", "backup", "copy").exit_code == 0
    assert "is not empty" in embmon("store", "restore", "copy").output
    assert "error: nowhere holds no backup" in embmon("store", "restore", "nowhere").output
    monkeypatch.setenv("EMBMON_STORE_URL", "sqlite:///new.db")
    monkeypatch.setenv("EMBMON_STORE_BLOBS", "new-blobs")
    assert embmon("store", "restore", "copy").exit_code == 0
    assert json.loads(embmon("history", "dishes", "--json").stdout)["windows"] == before
    assert embmon("store", "check").exit_code == 0


def test_dry_runs_make_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They count what would be copied, find what is missing, and refuse what would be refused."""
    copy = ("store", "copy", "sqlite:///new.db", "new-blobs")
    for command, target in ((("store", "backup", "copy"), "copy"), (copy, "new.db")):
        planned = json.loads(embmon(*command, "--dry-run", "--json").stdout)
        assert not (tmp_path / target).exists()
        done = json.loads(embmon(*command, "--json").stdout)
        assert (planned["rows"], planned["blobs"]) == (done["rows"], done["blobs"])
        assert (planned["from"], planned["to"]) == (done["from"], done["to"])
        assert "is not empty" in embmon(*command, "--dry-run").output
    assert "is not empty" in embmon("store", "restore", "copy", "--dry-run").output
    monkeypatch.setenv("EMBMON_STORE_URL", "sqlite:///other.db")
    ran = embmon("store", "restore", "copy", "--dry-run")
    assert ran.exit_code == 0 and "Dry run: nothing was changed or sent." in ran.output
    upgrade = json.loads(embmon("store", "upgrade", "--dry-run", "--json").stdout)
    assert (upgrade["schema_before"], upgrade["schema"]) == (0, 1)
    assert not (tmp_path / "other.db").exists()
    assert json.loads(embmon("store", "upgrade", "--json").stdout)["schema_before"] == 0
    next((tmp_path / "copy" / "embmon-blobs" / "sha256").glob("*/*")).unlink()
    assert "is missing in" in embmon("store", "restore", "copy", "--dry-run").output


def test_a_move_to_postgres(
    tmp_path: Path, postgres: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One command; then the settings name the new place, and every answer is the same."""
    shown = ("history dishes", "status", "alerts list")
    before = [_answer(command) for command in shown]
    with postgres.database() as url:
        monkeypatch.setenv("NEW_STORE", url)
        assert embmon("store", "copy", "env:NEW_STORE", "pg-blobs").exit_code == 0
        (tmp_path / "url").write_text(url)
        (tmp_path / "url").chmod(0o600)
        (tmp_path / "embmon.toml").write_text('[store]\nurl_file = "url"\n')
        monkeypatch.setenv("EMBMON_STORE_BLOBS", "pg-blobs")
        assert [_answer(command) for command in shown] == before
        assert embmon("store", "check").exit_code == 0
        assert embmon("store", "upgrade").exit_code == 0
        (tmp_path / "url").chmod(0o644)
        assert "is open to others (mode 0644)" in embmon("status").output


def _answer(command: str) -> object:
    ran = embmon(*command.split(), "--json")
    assert ran.exit_code == 0, ran.output
    changing = {"run_id", "started_at", "duration_s"}
    return {key: value for key, value in json.loads(ran.stdout).items() if key not in changing}
