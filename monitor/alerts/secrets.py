"""Secrets by reference, and text with the secrets of its addresses taken out."""

from __future__ import annotations

import base64
import binascii
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from monitor.errors import UsageError

_URL = re.compile(r"\b([a-z][a-z0-9+.-]*)://([^\s'\"<>]*)", re.IGNORECASE)
_LONGEST = 4096


def redacted(text: str) -> str:
    """`text` with each URL cut down to scheme and host.

    Credentials, queries and paths go: chat services keep their token in the path.

    >>> redacted("POST https://me:pw@hooks.example.com:8443/T0/x?key=1 failed")
    'POST https://hooks.example.com:8443/… failed'
    """
    return _URL.sub(_host_alone, text)


def referred(reference: str, what: str, env: Mapping[str, str]) -> str:
    """The value of `env:NAME`. UsageError, without any value, where there is none.

    >>> referred("env:HOOK", "the address of sink 'ops'", {"HOOK": "https://example.com"})
    'https://example.com'
    """
    scheme, _, name = reference.partition(":")
    if scheme != "env" or not name:
        raise UsageError(
            f"{what} stands in the configuration itself",
            "write env:NAME and put the secret into that environment variable, or name a file",
        )
    if not env.get(name):
        raise UsageError(
            f"{what} is env:{name}, and that variable is not set or empty",
            f"set {name} for the user that runs embmon",
        )
    return env[name]


def read_secret(path: Path, what: str) -> str:
    """The content of the file `path`, which nobody but its owner may be able to read.

    Raises UsageError where it is missing, readable by others, empty or over 4 KiB.
    """
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            raw = file.read(_LONGEST + 1)
    except OSError as error:
        raise UsageError(f"{what}: cannot read {path}: {error.strerror}") from None
    if mode & 0o077:
        raise UsageError(f"{what}: {path} is open to others (mode {mode:04o})", f"chmod 600 {path}")
    try:
        text = raw.decode("ascii").strip()
    except UnicodeDecodeError:
        text = ""
    if not text or len(raw) > _LONGEST:
        raise UsageError(f"{what}: {path} does not hold a secret", "one line of ASCII is expected")
    return text


def signing_key(secret: str, what: str) -> bytes:
    """The 24 to 64 bytes of a Standard Webhooks secret, `whsec_` and base64.

    >>> len(signing_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "the secret"))
    24
    """
    prefix, _, encoded = secret.partition("_")
    try:
        key = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if prefix != "whsec" or not 24 <= len(key) <= 64:
        raise UsageError(
            f"{what} is not whsec_ and the base64 of 24 to 64 bytes",
            "make one with: echo whsec_$(openssl rand -base64 32)",
        )
    return key


def _host_alone(found: re.Match[str]) -> str:
    authority, _, path = found[2].partition("/")
    if "@" in path and "@" not in authority:  # perhaps a slash in a password
        return f"{found[1]}://…"
    host = re.split(r"[?#]", authority.rpartition("@")[2])[0]
    return f"{found[1]}://{host}" + ("" if found[2] == host else "/…")
