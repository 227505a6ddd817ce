"""What other tools say of second versions with a known cause.

    for peer in vecdiff vecscope embedding-drift-monitor embcompare; do
        pip install --target PEERS/$peer $peer
    done
    python benchmarks/version_peers.py PEERS [--rows 500] [--only TEXT]

Each tool runs by its own command and thresholds, in a process of its own, on dishes of the sample
data; a tool whose folder is missing is left out. vecscope looks at one index, the second;
EmbCompare gives a mean Jaccard similarity and no verdict.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.version_cases import CASES, SIGNATURES, scene
from monitor.model import Items
from monitor.versions import compare

_EMBCOMPARE = """
import json, sys
import numpy as np
from gensim.models.keyedvectors import KeyedVectors
from embcompare import EmbeddingComparison
sides = {}
for name in sys.argv[1:]:
    vectors, ids = np.load(name + "/vectors.npy"), json.load(open(name + "/meta.json"))["ids"]
    sides[name] = KeyedVectors(vectors.shape[1])
    sides[name].add_vectors(ids, vectors)
found = EmbeddingComparison(sides, n_neighbors=10)
print("Jaccard %.3f" % found.mean_neighborhoods_smiliarity)
"""

COMMANDS = {
    "vecdiff": (["-m", "vecdiff", "a", "b", "--gate"], r"Verdict: (\w+)"),
    "embedding-drift-monitor": (
        ["-m", "edm", "compare", "a/vectors.npy", "b/vectors.npy"],
        r"Overall severity: (\w+)",
    ),
    "embcompare": (["-c", _EMBCOMPARE, "a", "b"], r"(Jaccard [\d.nan]+)"),
    "vecscope": (["-m", "vecscope.cli", "audit", "b/vectors.npy"], r"verdict=(\w+)"),
}
"""By folder: the arguments of Python, and where the answer stands in what they print."""


def cases(rows: int, only: str) -> dict[str, tuple[Items, Items, str]]:
    """By name: both versions, and the true cause."""
    found = {}
    for name in (*SIGNATURES, "rows permuted"):
        s = scene(0, rows)
        case = CASES[name](s)
        found[name] = case.a or s.a, case.b, case.cause
    s = scene(0, rows)
    copies, order = np.repeat(s.x[: rows // 20], 20, axis=0), s.rng.permutation(rows // 20 * 20)
    ids = pa.array([f"copy {i}" for i in range(len(copies))])
    found["20 copies of each, rows permuted"] = (
        Items(ids, copies),
        Items(ids.take(pa.array(order)), copies[order]),
        "identical",
    )
    return {name: case for name, case in found.items() if only in name}


def written(folder: Path, items: Items) -> None:
    """vectors.npy, and the ids as vecdiff wants them."""
    folder.mkdir(exist_ok=True)
    np.save(folder / "vectors.npy", np.ascontiguousarray(items.vectors, np.float32))
    meta = {"ids": items.ids.to_pylist(), "model": "m", "dim": items.vectors.shape[1]}
    (folder / "meta.json").write_text(json.dumps(meta))


def said(peer: Path, folder: Path) -> str:
    """The answer of a peer, else the last line of its error."""
    arguments, pattern = COMMANDS[peer.name]
    path = os.pathsep.join([str(peer), os.environ.get("PYTHONPATH", "")])
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.search(pattern, ran.stdout)
    if found:
        return found[1].lower()
    lines = (ran.stderr.strip() or ran.stdout.strip() or "nothing").splitlines()
    return f"error: {lines[-1][:80]}".replace("|", "/")


def main(asked: argparse.Namespace) -> None:
    peers = [asked.peers / name for name in COMMANDS if (asked.peers / name).is_dir()]
    versions = [
        next(p.glob(p.name.replace("-", "_") + "-*.dist-info")).name[: -len(".dist-info")]
        for p in peers
    ]
    print(f"{platform.platform()}, numpy {np.__version__}, {asked.rows} dishes\n{versions}\n")
    heads = ["second version", *(p.name for p in peers), "embmon", "its first cause"]
    print("| " + " | ".join(heads) + " |\n" + "|---" * len(heads) + "|")
    for name, (a, b, cause) in cases(asked.rows, asked.only).items():
        with tempfile.TemporaryDirectory() as folder:
            for side, items in (("a", a), ("b", b)):
                written(Path(folder) / side, items)
            told = [said(peer, Path(folder)) for peer in peers]
        own = compare(a, b)
        first = own.diagnosis[0]
        where = "" if first.cause == cause else f" (is: {cause})"
        rows = f", {first.rows} rows" if len(first.row_ids) else ""
        cells = [name, *told, own.verdict, first.cause + rows + where]
        print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peers", type=Path)
    parser.add_argument("--rows", type=int, default=500)
    parser.add_argument("--only", default="")
    main(parser.parse_args())
