"""How the files of `sample_data/` were cut from larger ones.

    python benchmarks/make_sample_data.py --from DIR [--to sample_data]

DIR holds `usda5000_minilm`, `usda5000_minilm_last4`, `usda5000_minilm_int8` and `sotu_minilm`
(`.parquet`). Rows are chosen by the sha256 of their id, so the cut does not depend on their order
and any two machines choose alike. Rows stay in the order of their source.
"""

from __future__ import annotations

import argparse
import hashlib
from collections import defaultdict
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

DISHES = {"dishes_v1": "usda5000_minilm", "dishes_v2": "usda5000_minilm_last4"}
DISHES |= {"dishes_v3": "usda5000_minilm_int8"}
PAIRED_ROWS = 2_500
WHOLE_YEARS = range(1947, 1961)
FIRST_YEAR = 1946
ROWS_A_YEAR = 140
BUDGET_BYTES = 12_000_000


def rank(row_id: str) -> str:
    """The place of a row in the draw."""
    return hashlib.sha256(row_id.encode()).hexdigest()


def drawn(ids: list[str], n: int) -> set[str]:
    """The first `n` of `ids` in the draw, or all."""
    return set(sorted(ids, key=rank)[:n])


def kept_speeches(table: pa.Table) -> set[str]:
    """1947-1960 whole, 1946 and the later years up to a cap."""
    by_year: dict[int, list[str]] = defaultdict(list)
    for row_id, at in zip(table["id"].to_pylist(), table["ts"].to_pylist(), strict=True):
        if at.year >= FIRST_YEAR:
            by_year[at.year].append(row_id)
    sizes = {
        year: len(ids) if year in WHOLE_YEARS else ROWS_A_YEAR for year, ids in by_year.items()
    }
    return {row_id for year, ids in by_year.items() for row_id in drawn(ids, sizes[year])}


def cut(table: pa.Table, kept: set[str]) -> pa.Table:
    return table.filter(pa.array([row_id in kept for row_id in table["id"].to_pylist()]))


def write(table: pa.Table, path: Path) -> None:
    """zstd, the bytes of the halves apart (a tenth smaller), with checksums of pages."""
    pq.write_table(
        table,
        path,
        compression="zstd",
        compression_level=19,
        use_dictionary=[name for name in table.column_names if name != "embedding"],
        use_byte_stream_split=["embedding.list.element"],
        write_page_checksum=True,
    )
    print(f"{path.name}: {table.num_rows} rows, {path.stat().st_size} bytes")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--from", dest="source", type=Path, required=True)
    options.add_argument("--to", type=Path, default=Path(__file__).parent.parent / "sample_data")
    chosen = options.parse_args()
    for name, source in DISHES.items():
        table = pq.read_table(chosen.source / f"{source}.parquet")
        whole = name == "dishes_v1"
        kept = drawn(table["id"].to_pylist(), table.num_rows if whole else PAIRED_ROWS)
        write(cut(table, kept), chosen.to / f"{name}.parquet")
    speeches = pq.read_table(chosen.source / "sotu_minilm.parquet")
    write(cut(speeches, kept_speeches(speeches)), chosen.to / "speeches.parquet")
    total = sum(path.stat().st_size for path in chosen.to.iterdir())
    print(f"in all: {total} bytes")
    assert total <= BUDGET_BYTES, f"{total} bytes are more than {BUDGET_BYTES}"


if __name__ == "__main__":
    main()
