"""Writes scans.parquet: ten weeks of handwritten digits, read by three scanners.

The images are scikit-learn's 1,797 digits of 8 × 8 pixels; which scanner reads which on which day
is drawn. From the last Wednesday on the sheets lie one pixel further left in the third scanner.
"""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.datasets import load_digits

START = datetime(2026, 9, 7, tzinfo=UTC)
DAYS, ASKEW_DAY, PER_DAY = 70, 65, 240
NAMES = np.array(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"])

rng = np.random.default_rng(0)
digits = load_digits()
n = DAYS * PER_DAY
row = rng.integers(len(digits.images), size=n)
day = np.repeat(np.arange(DAYS), PER_DAY)
scanner = rng.integers(1, 4, size=n)
images = digits.images[row].astype(np.float32)
askew = (scanner == 3) & (day >= ASKEW_DAY)
images[askew] = np.roll(images[askew], -1, axis=2)

at = [
    START + timedelta(days=int(d), seconds=int(s))
    for d, s in zip(day, rng.integers(86_400, size=n), strict=True)
]
table = pa.table(
    {
        "id": [f"scan-{i}" for i in range(n)],
        "at": pa.array(at, pa.timestamp("s", "UTC")),
        "digit": NAMES[digits.target[row]],
        "scanner": scanner.astype(str),
        "embedding": pa.FixedSizeListArray.from_arrays(images.ravel(), 64),
    }
)
pq.write_table(table, "scans.parquet")
print(f"{n:,} scans, {askew.sum():,} of them askew")
