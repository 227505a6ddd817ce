"""`embmon run` as the schedulers of this world write it. Pure."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from monitor.config import ScheduleSettings, duration
from monitor.errors import UsageError

_HOUR, _DAY, _WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)

_SYSTEMD = """\
# /etc/systemd/system/embmon.service
[Unit]
Description=Embedding monitor

[Service]
Type=oneshot
WorkingDirectory={folder}
ExecStart={program} run -q --config {config}
TimeoutStartSec={limit}
# 75: another run is still at work.
SuccessExitStatus=75
UMask=0027

# /etc/systemd/system/embmon.timer; then: systemctl enable --now embmon.timer
[Unit]
Description=Embedding monitor, on time

[Timer]
OnCalendar={calendar}
Persistent=true
RandomizedDelaySec=30

[Install]
WantedBy=timers.target
"""

_K8S = """\
apiVersion: batch/v1
kind: CronJob
metadata:
  name: embmon
spec:
  schedule: "{cron}"
  timeZone: Etc/UTC
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: 600
  jobTemplate:
    spec:
      backoffLimit: 0
      activeDeadlineSeconds: {limit}
      template:
        spec:
          restartPolicy: Never
          securityContext: {{runAsNonRoot: true, runAsUser: 10001, fsGroup: 10001}}
          containers:
            - name: embmon
              image: embmon:latest
              args: [run, --log-format, json, --config, /config/embmon.toml]
              envFrom: [{{secretRef: {{name: embmon, optional: true}}}}]
              securityContext:
                readOnlyRootFilesystem: true
                allowPrivilegeEscalation: false
                capabilities: {{drop: [ALL]}}
              volumeMounts:
                - {{name: config, mountPath: /config, readOnly: true}}
                - {{name: data, mountPath: /data}}
                - {{name: scratch, mountPath: /tmp}}
          volumes:
            - name: config
              configMap: {{name: embmon}}
            - name: data
              persistentVolumeClaim: {{claimName: embmon}}
            - name: scratch
              emptyDir: {{}}
"""

_GITHUB = """\
# .github/workflows/embmon.yml; the store has to outlive the job: PostgreSQL, or a cache
name: embmon
on:
  schedule:
    - cron: "{cron}"
  workflow_dispatch:
concurrency: embmon
jobs:
  run:
    runs-on: ubuntu-latest
    timeout-minutes: {minutes}
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with: {{python-version: "3.12"}}
      - run: pip install embedding-monitor
      - run: embmon run --log-format json
        env:
          EMBMON_STORE_URL: ${{{{ secrets.EMBMON_STORE_URL }}}}
"""


def cron(schedule: ScheduleSettings, config: Path) -> str:
    """A line of crontab; what it prints is mailed, which is nothing where all is well."""
    command = f"{_program()} run -q --config {shlex.quote(str(config))}"
    return f"{expression(schedule.every)} {command}\n"


def systemd(schedule: ScheduleSettings, config: Path) -> str:
    """A service and a timer, which starts it after a time when the host was off."""
    return _SYSTEMD.format(
        folder=config.parent,
        program=_program(),
        config=config,
        limit=_limit_s(schedule),
        calendar=_calendar(schedule.every),
    )


def k8s(schedule: ScheduleSettings, _config: Path) -> str:
    """A CronJob, of which one runs at a time."""
    return _K8S.format(cron=expression(schedule.every), limit=_limit_s(schedule))


def github(schedule: ScheduleSettings, _config: Path) -> str:
    """A workflow of GitHub Actions."""
    return _GITHUB.format(cron=expression(schedule.every), minutes=_limit_s(schedule) // 60)


def expression(every: str) -> str:
    """The five fields of cron, in UTC, ten minutes after the hour so that data is there.

    >>> expression("15m"), expression("1h"), expression("6h"), expression("1d")
    ('*/15 * * * *', '10 * * * *', '10 */6 * * *', '10 3 * * *')
    """
    length = duration(every)
    if length < _HOUR and _HOUR % length == timedelta():
        return f"*/{length.seconds // 60} * * * *"
    if length == _HOUR:
        return "10 * * * *"
    if length < _DAY and _DAY % length == timedelta():
        return f"10 */{length // _HOUR} * * *"
    if length in (_DAY, _WEEK):
        return "10 3 * * *" if length == _DAY else "10 3 * * 1"
    raise UsageError(
        f"{every!r} is no interval that cron can keep",
        "choose one that divides an hour or a day, or 1d, or 1w",
    )


def _calendar(every: str) -> str:
    """The same as systemd writes it.

    >>> _calendar("15m"), _calendar("1h"), _calendar("1w")
    ('*-*-* *:0/15:00 UTC', '*-*-* *:10:00 UTC', 'Mon *-*-* 03:10:00 UTC')
    """
    minute, hour, _, _, day = expression(every).split()
    hours = {"*": "*", "3": "03"}.get(hour, hour.replace("*", "0"))
    minutes = minute.replace("*", "0")
    return f"{'Mon ' if day == '1' else ''}*-*-* {hours}:{minutes}:00 UTC"


def _limit_s(schedule: ScheduleSettings) -> int:
    """After the run's own deadline the last monitor and the deliveries get as long again."""
    return int(2 * duration(schedule.deadline).total_seconds())


def _program() -> str:
    path = Path(sys.argv[0]).resolve()
    return f"{sys.executable} -m monitor" if path.name == "__main__.py" else shlex.quote(str(path))


SCHEDULES: dict[str, Callable[[ScheduleSettings, Path], str]] = {
    "cron": cron,
    "systemd": systemd,
    "k8s": k8s,
    "github": github,
}
