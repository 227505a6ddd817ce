"""Command sink: a program of the user's, with the message as JSON on its standard input."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from monitor.alerts.message import encoded, printable
from monitor.alerts.secrets import redacted
from monitor.alerts.sink import DeliveryError
from monitor.config import SinkSettings
from monitor.errors import UsageError
from monitor.model import Delivery

_PASSED_ON = ("PATH", "HOME", "LANG")
_OUTPUT_KEPT = 4096


@dataclass(frozen=True)
class Command:
    """Runs `argv` in `folder`, without a shell and with three environment variables at most."""

    argv: tuple[str, ...]
    folder: Path
    timeout_s: float = 10.0
    env: Mapping[str, str] = field(default_factory=dict, repr=False)

    def send(self, delivery: Delivery) -> None:
        """Run the program; DeliveryError unless it ends in time with exit code 0."""
        # A file, not a pipe: a program that does not read its input cannot block us.
        with tempfile.TemporaryFile() as message:
            message.write(encoded(delivery) + b"\n")
            message.seek(0)
            code, output = self._ended(message)
        if code != 0:
            last = printable(redacted(output.strip().rpartition("\n")[2]), 200)
            how = f"exit code {code}" if code > 0 else f"signal {-code}"
            raise DeliveryError(f"{self.argv[0]} ended with {how}" + (f": {last}" if last else ""))

    def _ended(self, message: IO[bytes]) -> tuple[int, str]:
        process = self._started(message)
        output = _Output(process)
        try:
            return process.wait(self.timeout_s), output.text()
        except subprocess.TimeoutExpired:
            raise DeliveryError(
                f"{self.argv[0]} did not end within {self.timeout_s:g} s and was killed"
            ) from None
        finally:
            # The whole group, so that nothing the program started outlives it.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _started(self, message: IO[bytes]) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                self.argv,
                stdin=message,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                env=dict(self.env),
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise DeliveryError(f"cannot run {self.argv[0]}: {reason}") from None


def make(name: str, settings: SinkSettings, root: Path, env: Mapping[str, str]) -> Command:
    """The command sink `name`, or UsageError where it names no program."""
    if not settings.argv or not settings.argv[0]:
        raise UsageError(f"sink {name!r} names no program", 'write argv = ["/path/to/program"]')
    kept = {key: env[key] for key in _PASSED_ON if key in env}
    return Command(settings.argv, root, settings.timeout_s, kept)


class _Output:
    """The first bytes a process prints; the rest is read and dropped, so that it never blocks."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._kept = bytearray()
        self._thread = threading.Thread(target=self._drain, args=(process.stdout,), daemon=True)
        self._thread.start()

    def _drain(self, stream: IO[bytes]) -> None:
        with stream:
            while chunk := os.read(stream.fileno(), 65536):
                self._kept += chunk[: _OUTPUT_KEPT - len(self._kept)]

    def text(self) -> str:
        """What was kept. Waits a second at most: a grandchild may hold the pipe open."""
        self._thread.join(1.0)
        return self._kept.decode("utf-8", "replace")
