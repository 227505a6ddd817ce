"""Can the old index be bridged? Held-out recall of adapters between real encoders.

    python benchmarks/version_adapters.py [--data DIR] [--seeds 5]

Prints, for each pair of versions, the recall@10 of a full re-index by old queries, by new queries
as they are, and by new queries through each adapter (means over the seeds), and of what old
queries find today. Without --data, the dishes of the sample data alone.
"""

from __future__ import annotations

import argparse
import platform
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.version_data import FILES, read, world
from monitor.batch import Items
from monitor.versions.adapters import Recall, upgrade
from monitor.versions.pairing import Pairs, pairing


def sides(data: Path | None) -> dict[str, tuple[Items, Items]]:
    """Pairs of versions by name."""
    found = {}
    for name in ("dishes", *(FILES if data else ())):
        known = world(name, data)
        a = known.a
        found[f"{name}: other encoder"] = a, Items(a.ids, known.other, name="b")
        if known.export is not None:
            found[f"{name}: int8 export"] = a, Items(a.ids, known.export, name="b")
    for encoder in ("minilm", "e5q4") if data else ():
        english, french = (read(data / f"ciqual_{lang}_{encoder}.parquet") for lang in ("en", "fr"))
        found[f"foods: English to French, {encoder}"] = english, french
    return found


def told(recalls: list[Recall], of: str) -> str:
    """Means over the seeds, in per cent."""
    values = [getattr(recall, of) for recall in recalls]
    value, low, high = (np.mean([getattr(v, k) for v in values]) for k in ("value", "low", "high"))
    return f"{value:.0%} ({low:.0%}-{high:.0%})"


def rows_of(pairs: Pairs) -> npt.NDArray[np.intp]:
    """Pairs whose vectors are usable."""
    full = [side.vectors[rows].any(axis=1) for side, rows in _rows(pairs)]
    return np.flatnonzero(full[0] & full[1])


def _rows(pairs: Pairs) -> list[tuple[Items, npt.NDArray[np.int64]]]:
    return [(pairs.a, pairs.pairing.rows_a), (pairs.b, pairs.pairing.rows_b)]


def main(data: Path | None, seeds: int) -> None:
    print(f"{platform.platform()}, numpy {np.__version__}, {seeds} seeds\n")
    heads = ["versions", "items", "old queries", "new, as they are", "rotation", "ridge"]
    heads += ["low rank", "ridge, of today's answers", "advice"]
    print("| " + " | ".join(heads) + " |\n" + "|---" * len(heads) + "|")
    for name, (a, b) in sides(data).items():
        pairs = Pairs(a, b, pairing(a.ids, b.ids))
        found = [upgrade(pairs, rows_of(pairs), np.random.default_rng(s)) for s in range(seeds)]
        known = [one for one in found if one is not None]
        old = [Recall(one.old, one.old) for one in known]
        plain = [one.plain for one in known if one.plain is not None]
        fits = [[one.fits[i].recall for one in known] for i in range(3)]
        cells = [name, f"{known[0].items:,}", told(old, "of_new")]
        cells += [told(plain, "of_new") if plain else "–"]
        cells += [told(fit, "of_new") for fit in fits] + [told(fits[1], "of_old")]
        advice = sorted({one.advice for one in known})
        print("| " + " | ".join([*cells, ", ".join(advice)]) + " |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--seeds", type=int, default=5)
    asked = parser.parse_args()
    main(asked.data, asked.seeds)
