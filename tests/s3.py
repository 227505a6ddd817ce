"""A real server of S3's protocol on loopback: SeaweedFS, from PyPI."""

from __future__ import annotations

import http.client
import json
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

KEYS = {"writer": "secret-of-writer", "reader": "secret-of-reader"}
_RIGHTS = {"writer": ["Admin"], "reader": ["Read", "List"]}


@dataclass(frozen=True)
class Server:
    """Where it listens."""

    url: str

    def make_bucket(self, name: str) -> None:
        """Makes a bucket unless it is there, once all parts of the server have found each other."""
        from botocore.exceptions import BotoCoreError
        from s3fs import S3FileSystem

        until = time.monotonic() + 60
        while True:
            try:
                return S3FileSystem(skip_instance_cache=True).makedir(name)
            except FileExistsError:
                return None
            except (OSError, BotoCoreError):
                if time.monotonic() > until:
                    raise
            time.sleep(0.5)

    def environment(self, key: str = "writer", secret: str | None = None) -> dict[str, str]:
        """What AWS's tools read."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": key,
            "AWS_SECRET_ACCESS_KEY": KEYS.get(key, "none") if secret is None else secret,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }


@dataclass
class Faulty:
    """A server in front of the real one: the next `refuse` requests get 503, all others wait for
    `delay_s`; with `cut` it hangs up when half of a body has come."""

    url: str = ""
    refuse: int = 0
    delay_s: float = 0.0
    cut: bool = False
    asked: int = 0


@contextmanager
def faulty(behind: Server) -> Iterator[Faulty]:
    """Such a server on loopback; what it lets pass reaches the real one unchanged."""
    faults = Faulty()

    class Passing(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass(self) -> None:
            faults.asked += 1
            size = int(self.headers.get("content-length") or 0)
            if faults.cut and size:
                self.rfile.read(size // 2)
                self.close_connection = True
                return
            body = self.rfile.read(size)
            time.sleep(faults.delay_s)
            if faults.refuse:
                faults.refuse -= 1
                return self._answer(503, {}, b"<Error><Code>SlowDown</Code></Error>")
            real = http.client.HTTPConnection(behind.url.removeprefix("http://"), timeout=30)
            # The signature covers the host that was asked for.
            real.request(self.command, self.path, body, dict(self.headers))
            got = real.getresponse()
            self._answer(got.status, dict(got.getheaders()), got.read())
            real.close()

        do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _pass

        def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
            length = headers.get("Content-Length", str(len(body)))
            drop = ("Content-Length", "Transfer-Encoding", "Connection")
            with suppress(OSError):  # whoever asked may have given up
                self.send_response(status)
                for name, value in headers.items():
                    if name not in drop:
                        self.send_header(name, value)
                self.send_header("Content-Length", length)
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Passing)
    thread = threading.Thread(target=listening.serve_forever)
    thread.start()
    faults.url = f"http://127.0.0.1:{listening.server_port}"
    try:
        yield faults
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()


@contextmanager
def server() -> Iterator[Server]:
    """A server with a writer's and a reader's keys, gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="embmon-s3-"))
    identities = [
        {"name": n, "credentials": [{"accessKey": n, "secretKey": s}], "actions": _RIGHTS[n]}
        for n, s in KEYS.items()
    ]
    (folder / "keys.json").write_text(json.dumps({"identities": identities}))
    master, volume, filer, s3 = _ports()
    call = [
        *(str(Path(sys.executable).with_name("weed")), "server", "-ip=127.0.0.1", "-s3"),
        *(f"-dir={folder}", f"-s3.config={folder / 'keys.json'}", f"-s3.port={s3}"),
        *(f"-master.port={master}", f"-volume.port={volume}", f"-filer.port={filer}"),
        # Its further interfaces have fixed ports, which a second server would find taken.
        *("-volume.max=40", "-master.volumeSizeLimitMB=256"),
        *("-s3.port.iceberg=0", "-s3.port.lance=0"),
    ]
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen(call, stdout=log, stderr=log)
    try:
        _wait(f"http://127.0.0.1:{s3}", folder / "log")
        yield Server(f"http://127.0.0.1:{s3}")
    finally:
        running.kill()
        running.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _ports() -> list[int]:
    """Four that are free, each with the one 10000 above, which is for gRPC.

    All below 32768, where Linux begins to give ports to connections.
    """
    found: list[int] = []
    while len(found) < 4:
        port = random.SystemRandom().randint(10000, 22000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            socket.create_server(("127.0.0.1", port + 10000)).close()
            found.append(port)
    return found


def _wait(url: str, log: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(url, timeout=1)
            return
        except urllib.error.HTTPError:
            return  # it answers, and asks for keys
        except OSError:
            time.sleep(0.1)
    raise AssertionError(log.read_text(errors="replace")[-2000:])
