"""What other tools say of second versions with a known cause.

    for peer in vecdiff vecscope embedding-drift-monitor embcompare; do
        pip install --target PEERS/$peer $peer
    done
    python benchmarks/version_peers.py PEERS [--rows 500] [--only TEXT]

Each tool runs by its own command and thresholds, in a process of its own, on dishes of the sample
data; a tool whose folder is missing is left out. vecscope looks at one index, the second;
EmbCompare gives a mean Jaccard similarity and no verdict; embedding-drift-monitor runs without
its clustering, which takes longer than all else.
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
from monitor.batch import Items
from monitor.versions import compare

_DRIVER = """
import contextlib, io, json, os, sys
{run}
for case in sorted(os.listdir()):
    os.chdir(case)
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            run()
    except SystemExit:
        pass
    except Exception as error:
        said.write("error: " + str(error))
    os.chdir("..")
    print(json.dumps([case, said.getvalue()]), flush=True)
"""

PEERS = {
    "vecdiff": ("from vecdiff.cli import main; run = lambda: main(['a', 'b'])", r"Verdict: (\w+)"),
    "embedding-drift-monitor": (
        "from edm.cli import main\n"
        "files = ['a/vectors.npy', 'b/vectors.npy']\n"
        "run = lambda: main(['compare', *files, '--no-clusters'], standalone_mode=False)",
        r"Overall severity: (\w+)",
    ),
    "embcompare": (
        "import numpy as np\n"
        "from gensim.models.keyedvectors import KeyedVectors\n"
        "from embcompare import EmbeddingComparison\n"
        "def side(name):\n"
        "    vectors = np.load(name + '/vectors.npy')\n"
        "    found = KeyedVectors(vectors.shape[1])\n"
        "    found.add_vectors(json.load(open(name + '/meta.json'))['ids'], vectors)\n"
        "    return found\n"
        "def run():\n"
        "    found = EmbeddingComparison({name: side(name) for name in 'ab'}, n_neighbors=10)\n"
        "    print('Jaccard %.3f' % found.mean_neighborhoods_smiliarity)",
        r"(Jaccard [\d.nan]+)",
    ),
    "vecscope": (
        "from vecscope.cli import main; run = lambda: main(['audit', 'b/vectors.npy'])",
        r"verdict=(\w+)",
    ),
}
"""By folder: the code that runs a tool on the folders a and b, and where its answer stands."""


def cases(rows: int, only: str) -> dict[str, tuple[Items, Items, str]]:
    """By name: both versions, and the true cause."""
    found = {}
    for name in SIGNATURES:
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
    folder.mkdir(parents=True)
    np.save(folder / "vectors.npy", np.ascontiguousarray(items.vectors, np.float32))
    meta = {"ids": items.ids.to_pylist(), "model": "m", "dim": items.vectors.shape[1]}
    (folder / "meta.json").write_text(json.dumps(meta))


def said(peer: Path, folder: Path) -> dict[str, str]:
    """By case, the answer of a peer on the folders of the cases, else its error."""
    run, pattern = PEERS[peer.name]
    path = os.pathsep.join([str(peer), os.environ.get("PYTHONPATH", "")])
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _DRIVER.format(run=run)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    answers = {}
    for line in ran.stdout.splitlines():
        case, text = json.loads(line)
        found = re.search(pattern, text)
        last = (text.strip().splitlines() or ["nothing"])[-1][:80].replace("|", "/")
        answers[case] = found[1].lower() if found else last
    return answers


def main(asked: argparse.Namespace) -> None:
    peers = [asked.peers / name for name in PEERS if (asked.peers / name).is_dir()]
    known = cases(asked.rows, asked.only)
    print(f"{platform.platform()}, numpy {np.__version__}, {asked.rows} dishes")
    for peer in peers:
        installed = next(peer.glob(peer.name.replace("-", "_") + "-*.dist-info"))
        print(installed.name[: -len(".dist-info")])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, (a, b, _) in enumerate(known.values()):
            for side, items in (("a", a), ("b", b)):
                written(folder / f"{number:02}" / side, items)
        told = [said(peer, folder) for peer in peers]
    heads = ["second version", *(p.name for p in peers), "embmon", "its first cause"]
    print("\n| " + " | ".join(heads) + " |\n" + "|---" * len(heads) + "|")
    for number, (case, (a, b, cause)) in enumerate(known.items()):
        own = compare(a, b)
        first = own.diagnosis[0]
        rows = f", {first.rows} rows" if len(first.row_ids) else ""
        wrong = "" if first.cause == cause else f" (is: {cause})"
        answers = [answer.get(f"{number:02}", "nothing") for answer in told]
        cells = [case, *answers, own.verdict, first.cause + rows + wrong]
        print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peers", type=Path)
    parser.add_argument("--rows", type=int, default=500)
    parser.add_argument("--only", default="")
    main(parser.parse_args())
