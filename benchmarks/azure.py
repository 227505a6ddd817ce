"""Reads Parquet through abfs:// from Azurite, Microsoft's emulator of Azure's storage.

Needs Node: npm install azurite, and then python benchmarks/azure.py node_modules/.bin/azurite-blob
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import time

import numpy as np
import pyarrow
import pyarrow.parquet as pq

from monitor.assets import sample_data
from monitor.sources import Columns, open_source
from monitor.sources.clouds import azure

# Of every Azurite: learn.microsoft.com/azure/storage/common/storage-connect-azurite
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
ACCOUNT = "devstoreaccount1"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("azurite", help="the command azurite-blob")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    where = ["--blobHost", "127.0.0.1", "--blobPort", str(port), "--inMemoryPersistence"]
    quiet = ["--silent", "--disableTelemetry", "--skipApiVersionCheck"]
    running = subprocess.Popen([options.parse_args().azurite, *where, *quiet])
    try:
        _wait(port)
        os.environ["AZURE_STORAGE_CONNECTION_STRING"] = (
            f"AccountName={ACCOUNT};AccountKey={KEY};BlobEndpoint=http://127.0.0.1:{port}/{ACCOUNT}"
        )
        measure()
    finally:
        running.terminate()
        running.wait()


def measure() -> None:
    """Writes the dishes for two days, and reads them by every form of address."""
    table = pq.read_table(sample_data() / "dishes_v2.parquet")
    vectors = table["embedding"].combine_chunks().flatten().to_numpy().reshape(-1, 384)
    system = azure(None)
    system.create_dir("lake")
    for day in (1, 2):
        with system.open_output_stream(f"lake/logs/day={day}/x.parquet") as sink:
            pq.write_table(table, sink)
    print(f"pyarrow {pyarrow.__version__}")
    lake = f"lake@{ACCOUNT}.dfs.core.windows.net"
    for url, days in (
        ("abfs://lake/logs/day=2/x.parquet", 1),
        ("abfs://lake/logs", 2),
        (f"abfss://{lake}/logs/day=*/", 2),
        ("abfs://lake/**/*.parquet", 2),
    ):
        start = time.perf_counter()
        found = [b.vectors for b in open_source(url, Columns(keep=("day",))).batches()]
        exact = np.array_equal(np.concatenate(found), np.tile(vectors.astype("f4"), (days, 1)))
        took = time.perf_counter() - start
        print(f"{url:60} {len(vectors) * days:5} rows, exact: {exact}, {took:.2f} s")
        assert exact


def _wait(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("Azurite does not answer")


if __name__ == "__main__":
    main()
