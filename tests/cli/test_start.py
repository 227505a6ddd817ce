"""Settings: a file to begin with, and what is shown of them."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from monitor.cli.settings import HIDDEN, template
from monitor.config import Config, load
from monitor.errors import UsageError
from tests.cli.fake import printed, ran


def test_the_template_changes_nothing(tmp_path: Path) -> None:
    """As written, the file holds the defaults."""
    path = tmp_path / "embmon.toml"
    path.write_text(template())
    assert load(path, {}).model_dump() == Config().model_dump()


def test_every_line_of_the_template_can_be_used(tmp_path: Path) -> None:
    """With each key and section uncommented it is a valid file."""
    lines = [line if line.startswith("# ") else line.lstrip("#") for line in template().split("\n")]
    path = tmp_path / "embmon.toml"
    path.write_text("\n".join(lines))
    config = load(path, {})
    assert set(config.monitors) == {"queries"}
    assert config.sinks["ops"].kind == "webhook"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('every = "1 day"', "5: monitors.q.every: '1 day' is not a length of time"),
        (
            'false_alarms = "1 %"',
            "5: monitors.q.false_alarms: '1 %' is not a budget of false alarms",
        ),
        ('[schedule]\ngrace = "1"', "6: schedule.grace: '1' is not a length of time"),
        (
            '[alerts]\nrepeat_interval = "no"',
            "6: alerts.repeat_interval: 'no' is not a length of time",
        ),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(
    tmp_path: Path, line: str, message: str
) -> None:
    """File, line, key and value of a length of time or a budget that is none."""
    path = tmp_path / "embmon.toml"
    path.write_text(f'[monitors.q]\nspace = "q"\nsource = "t.parquet"\nat = "at"\n{line}\n')
    with pytest.raises(UsageError) as found:
        load(path, {})
    assert str(found.value) == f"{path}:{message}"


def test_init_writes_once(tmp_path: Path) -> None:
    """A second `init` refuses to replace the file, unless forced."""
    path = tmp_path / "new" / "embmon.toml"
    assert ran(f"init {path.parent}")[0].exit_code == 0
    path.write_text("")
    result, _ = ran(f"init {path.parent}")
    assert result.exit_code == 2
    assert result.stderr == f"error: {path} is there already\nhint: --force replaces it\n"
    assert path.read_text() == ""
    assert ran(f"init {path.parent} --force")[0].exit_code == 0
    assert path.read_text() == template()


def test_init_can_only_show(tmp_path: Path) -> None:
    """--dry-run prints the file and writes none."""
    result, _ = ran(f"init {tmp_path} --dry-run")
    assert result.stdout == template()
    assert list(tmp_path.iterdir()) == []


SETTINGS = """
[store]
url = "postgresql://ann:hunter2@db/x?sslpassword=hunter2&a=1"
[sinks.ops]
kind = "webhook"
url = "https://hooks.example.com/T0/hunter2"
secret = "env:HOOK_SECRET"
[sinks.pager]
kind = "command"
argv = ["/usr/bin/page", "--key", "hunter2"]
[monitors.queries]
space = "q"
source = "s3://key:hunter2@bucket/day=*/"
at = "ts"
"""


@pytest.mark.parametrize("json_option", ["", "--json", "-v"])
def test_config_show_keeps_secrets(tmp_path: Path, json_option: str) -> None:
    """Passwords, addresses of hooks and arguments are hidden; references stay."""
    path = tmp_path / "embmon.toml"
    path.write_text(SETTINGS)
    result, _ = ran(f"config show --config {path} {json_option}")
    assert result.exit_code == 0
    assert "hunter2" not in result.output
    assert "env:HOOK_SECRET" in result.stdout
    assert "/usr/bin/page" in result.stdout
    shown = printed(result)["config"] if json_option == "--json" else tomllib.loads(result.stdout)
    assert shown["sinks"]["ops"]["url"] == HIDDEN
    assert shown["store"]["url"] == f"postgresql://ann:***@db/x?sslpassword={HIDDEN}&a=1"


def test_config_schema_is_a_schema_of_the_file() -> None:
    """Plain, it is a JSON Schema to give to an editor."""
    schema = json.loads(ran("config schema")[0].stdout)
    assert set(schema["properties"]) == set(Config.model_fields) - {"root"}
    assert printed(ran("config schema --json")[0])["json_schema"] == schema
