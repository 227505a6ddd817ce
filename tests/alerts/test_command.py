"""The command sink, with real programs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from monitor.alerts.command import _Output
from monitor.alerts.make import make_sink
from monitor.alerts.sink import DeliveryError
from monitor.config import SinkSettings
from monitor.errors import UsageError

ENV = {"PATH": os.environ["PATH"], "HOME": "/home/me", "LANG": "C.UTF-8", "TOKEN": "canary"}


@pytest.fixture
def command(tmp_path):
    """A sink that runs a line of Python: `command("print(1)")`."""

    def made(code, timeout_s=20.0, env=ENV):
        settings = SinkSettings(
            kind="command", argv=(sys.executable, "-Sc", code), timeout_s=timeout_s
        )
        return make_sink("hook", settings, tmp_path, env)

    return made


def failure(sink, delivery):
    """The message of the DeliveryError, which is never permanent."""
    with pytest.raises(DeliveryError) as caught:
        sink.send(delivery)
    assert not caught.value.permanent
    return caught.value.message


def test_the_message_is_on_standard_input(command, delivery, tmp_path):
    """The program reads the JSON of the message, in the folder of the configuration."""
    command("import sys; open('got', 'w').write(sys.stdin.read())").send(delivery)
    assert json.loads((tmp_path / "got").read_text()) == {"id": "msg_1", **delivery.payload}


def test_the_environment_is_scrubbed(command, delivery, tmp_path):
    """PATH, HOME and LANG pass; every other variable stays."""
    command("import os, json; json.dump(dict(os.environ), open('env', 'w'))").send(delivery)
    seen = json.loads((tmp_path / "env").read_text())
    assert {k: seen[k] for k in ("PATH", "HOME", "LANG")} == {
        k: ENV[k] for k in ("PATH", "HOME", "LANG")
    }
    assert "TOKEN" not in seen
    assert "canary" not in repr(command("pass"))


def test_no_shell_sees_the_arguments(tmp_path, delivery):
    """Metacharacters are plain text."""
    settings = SinkSettings(kind="command", argv=("touch", "$(id); a|b"))
    make_sink("hook", settings, tmp_path, ENV).send(delivery)
    assert [p.name for p in tmp_path.iterdir()] == ["$(id); a|b"]


def test_an_exit_code_is_told_with_the_last_line(command, delivery):
    """Addresses in the output are cut down, terminal codes are dropped."""
    code = "import sys; print('a\\nsee https://h/canary \\x1b[31m'); sys.exit(3)"
    assert failure(command(code), delivery) == (
        f"{sys.executable} ended with exit code 3: see https://h/… [31m"
    )


def test_a_signal_is_told(command, delivery):
    """A program that kills itself has failed."""
    code = "import os; os.kill(os.getpid(), 15)"
    assert failure(command(code), delivery) == f"{sys.executable} ended with signal 15"


def test_a_program_that_runs_on_is_killed_with_its_children(command, delivery, tmp_path):
    """At the time limit the whole process group goes."""
    code = (
        "import subprocess, time; "
        "p = subprocess.Popen(['sleep', '60']); open('pid', 'w').write(str(p.pid)); time.sleep(60)"
    )
    began = time.monotonic()
    message = failure(command(code, timeout_s=1.5), delivery)
    assert message == f"{sys.executable} did not end within 1.5 s and was killed"
    assert time.monotonic() - began < 5
    assert _is_gone(int((tmp_path / "pid").read_text()))


def _is_gone(pid):
    """Whether the process ends (or is a zombie nobody reaps) within two seconds."""
    for _ in range(40):
        try:
            with open(f"/proc/{pid}/stat") as file:
                if file.read().rpartition(")")[2].split()[0] == "Z":
                    return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.05)
    return False


def test_endless_output_neither_blocks_nor_fills_memory(command, delivery):
    """Only the first 4 KiB are kept."""
    code = "import sys; sys.stdout.write('x' * 5_000_000); sys.exit(1)"
    message = failure(command(code), delivery)
    assert message == f"{sys.executable} ended with exit code 1: {'x' * 199}…"


def test_what_is_kept_of_endless_output():
    """Four KiB, whatever the program prints."""
    program = [sys.executable, "-Sc", "print('x' * 1_000_000)"]
    with subprocess.Popen(program, stdout=subprocess.PIPE) as process:
        assert len(_Output(process).text()) == 4096


def test_input_nobody_reads_does_not_block(command, delivery):
    """A message larger than a pipe goes to a program that ignores it."""
    command("pass").send(replace(delivery, payload={"summary": "x" * 1_000_000}))


def test_a_missing_program_is_named(tmp_path, delivery):
    """The message waits until the program is there."""
    settings = SinkSettings(kind="command", argv=("./notify",))
    sink = make_sink("hook", settings, tmp_path, ENV)
    assert failure(sink, delivery) == "cannot run ./notify: No such file or directory"


def test_a_sink_without_a_program_is_refused(tmp_path):
    """An empty argv is a fault of the configuration."""
    with pytest.raises(UsageError) as caught:
        make_sink("hook", SinkSettings(kind="command"), tmp_path, ENV)
    assert caught.value.message == "sink 'hook' names no program"
    assert caught.value.hint == 'write argv = ["/path/to/program"]'
