"""What `schedule show` prints."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.cli.schedules import SCHEDULES, expression
from monitor.config import ScheduleSettings
from monitor.errors import UsageError
from tests.cli.fake import ran

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize("kind", SCHEDULES)
def test_each_kind_starts_the_job_with_these_settings(kind: str) -> None:
    """At the interval of the settings, and quietly or with structured logs."""
    result, _ = ran(f"schedule show --{kind}")
    assert result.exit_code == 0
    assert "10" in result.stdout
    assert "embmon.toml" in result.stdout or kind == "github"
    assert " run " in result.stdout.replace("[run, ", " run ")


def test_cron_is_one_line() -> None:
    """With the settings by their whole path, since cron starts at home."""
    line = SCHEDULES["cron"](ScheduleSettings(every="6h"), Path("/etc/my embmon/embmon.toml"))
    assert line.startswith("10 */6 * * * ")
    assert line.endswith(" run -q --config '/etc/my embmon/embmon.toml'\n")


def test_the_example_is_what_is_printed() -> None:
    """examples/kubernetes is not a second version of the truth."""
    text = SCHEDULES["k8s"](ScheduleSettings(), Path("embmon.toml"))
    assert (EXAMPLES / "kubernetes" / "cronjob.yaml").read_text() == text


def test_an_interval_that_cron_cannot_keep() -> None:
    """Seven hours do not divide a day."""
    with pytest.raises(UsageError) as caught:
        expression("7h")
    assert caught.value.message == "'7h' is no interval that cron can keep"
    assert caught.value.hint == "choose one that divides an hour or a day, or 1d, or 1w"
