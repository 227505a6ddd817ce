"""How each store of objects is reached: settings and credentials are of the environment."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from monitor.errors import SourceError

CONNECT_S, REQUEST_S, ATTEMPTS = 10, 60, 4


def s3(account: str | None) -> Any:
    """Amazon S3, or what `AWS_ENDPOINT_URL` names."""
    from pyarrow import fs

    return fs.S3FileSystem(
        # As Amazon's own tools have it; Arrow does not read these.
        endpoint_override=os.environ.get("AWS_ENDPOINT_URL_S3")
        or os.environ.get("AWS_ENDPOINT_URL"),
        connect_timeout=CONNECT_S,
        request_timeout=REQUEST_S,
        retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=ATTEMPTS),
    )


def gcs(account: str | None) -> Any:
    """Google Cloud Storage, or the emulator that `STORAGE_EMULATOR_HOST` names."""
    from pyarrow import fs

    limit = timedelta(seconds=REQUEST_S)  # Arrow's own is 15 minutes, also without credentials
    emulator = urlsplit(os.environ.get("STORAGE_EMULATOR_HOST", ""))
    if not emulator.netloc:
        return fs.GcsFileSystem(retry_time_limit=limit)
    return fs.GcsFileSystem(
        anonymous=True,
        endpoint_override=emulator.netloc,
        scheme=emulator.scheme,
        retry_time_limit=limit,
    )


def azure(account: str | None) -> Any:
    """Azure Blob Storage and Data Lake, by the variables of Azure's own command line.

    account: of the address, else that of `AZURE_STORAGE_CONNECTION_STRING` or
    `AZURE_STORAGE_ACCOUNT`. Without a key or a signature of it, the default credentials.
    """
    from pyarrow import fs

    given = os.environ.get("AZURE_STORAGE_CONNECTION_STRING", "")
    said = dict(part.split("=", 1) for part in given.split(";") if "=" in part)
    stated = said.get("AccountName") or os.environ.get("AZURE_STORAGE_ACCOUNT")
    if not (account or stated):
        raise SourceError(
            "an abfs:// address needs an account",
            "set AZURE_STORAGE_ACCOUNT, or write abfs://CONTAINER@ACCOUNT.dfs.core.windows.net/…",
        )
    if account not in (None, stated):  # what is stated of one account is not of another
        return fs.AzureFileSystem(account)
    key = said.get("AccountKey") or os.environ.get("AZURE_STORAGE_KEY")
    token = said.get("SharedAccessSignature") or os.environ.get("AZURE_STORAGE_SAS_TOKEN")
    endpoint = urlsplit(said.get("BlobEndpoint", ""))
    at = {"authority": endpoint.netloc or None, "scheme": endpoint.scheme or None}
    return fs.AzureFileSystem(
        stated,
        account_key=key,
        sas_token=None if key else token,
        **{f"{kind}_storage_{name}": v for kind in ("blob", "dfs") for name, v in at.items()},
    )


STORES: dict[str, Callable[[str | None], Any]] = {
    "s3": s3,
    "gs": gcs,
    "abfs": azure,
    "abfss": azure,
}
"""By the scheme of an address: from the account that it names to a file system of Arrow."""
