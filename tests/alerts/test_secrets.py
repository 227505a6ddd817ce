"""Secrets by reference, and redaction."""

from __future__ import annotations

import pytest

from monitor.alerts.secrets import read_secret, redacted, referred, signing_key
from monitor.errors import UsageError


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://hooks.slack.com/services/T0/B0/canary", "https://hooks.slack.com/…"),
        ("https://me:canary@h", "https://h/…"),
        ("https://h:8443", "https://h:8443"),
        ("https://me:can/ary@h/x", "https://…"),
        ("https://h?token=canary", "https://h/…"),
        ("https://h#canary", "https://h/…"),
        ("https://me:can@ary@h/x", "https://h/…"),
        (
            "postgresql+psycopg://me:canary@db:5432/x?sslpassword=canary",
            "postgresql+psycopg://db:5432/…",
        ),
        ("('HTTPS://me:canary@h/x', 1)", "('HTTPS://h/…', 1)"),
        ("two: http://a/canary and http://b/canary.", "two: http://a/… and http://b/…"),
        ("no address: 10:30 a//b", "no address: 10:30 a//b"),
    ],
)
def test_redacted_leaves_scheme_and_host(text, shown):
    """Credentials, path, query and fragment of each address are gone."""
    assert redacted(text) == shown


def test_a_secret_file_others_can_read_is_refused(tmp_path):
    """The message names the file and its mode, the hint mends it."""
    path = tmp_path / "hook"
    path.write_text("canary")
    path.chmod(0o640)
    with pytest.raises(UsageError) as caught:
        read_secret(path, "the secret")
    assert caught.value.message == f"the secret: {path} is open to others (mode 0640)"
    assert caught.value.hint == f"chmod 600 {path}"


def test_a_secret_file_that_is_missing_or_odd_is_refused(tmp_path):
    """Nothing, an empty file, bytes that are no text, and a huge file are no secrets."""
    path = tmp_path / "hook"
    with pytest.raises(UsageError) as caught:
        read_secret(path, "the secret")
    assert caught.value.message == f"the secret: cannot read {path}: No such file or directory"
    for content in (b"", b" \n", b"\xff\xfe", b"x" * 5000):
        path.write_bytes(content)
        path.chmod(0o600)
        with pytest.raises(UsageError) as caught:
            read_secret(path, "the secret")
        assert caught.value.message == f"the secret: {path} does not hold a secret"


def test_a_secret_file_is_read_without_its_line_end(tmp_path):
    """Editors end the file with a newline."""
    path = tmp_path / "hook"
    path.write_text("whsec_x\n")
    path.chmod(0o400)
    assert read_secret(path, "the secret") == "whsec_x"


def test_a_plain_value_is_not_taken_for_a_reference():
    """A secret in the configuration is refused, and not repeated."""
    with pytest.raises(UsageError) as caught:
        referred("canary", "the secret of sink 'ops'", {})
    assert caught.value.message == "the secret of sink 'ops' stands in the configuration itself"
    assert "canary" not in caught.value.hint


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "whsec_",
        "whsec_!!!",
        "whsec_" + "QUFB" * 7,
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_" + "QUFB" * 22,
    ],
)
def test_signing_keys_are_of_24_to_64_bytes(secret):
    """Too short, too long, without its prefix, or no base64."""
    with pytest.raises(UsageError) as caught:
        signing_key(secret, "the secret")
    assert caught.value.message == "the secret is not whsec_ and the base64 of 24 to 64 bytes"
