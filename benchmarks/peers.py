"""Other drift detectors on the same two Parquet files, each in an environment of its own.

    python -m venv PEERS/evidently && PEERS/evidently/bin/pip install evidently pyarrow
    python -m venv PEERS/alibi && PEERS/alibi/bin/pip install 'alibi-detect[torch]' 'pyarrow<21'
    python -m venv PEERS/nannyml && PEERS/nannyml/bin/pip install nannyml pyarrow
    python -m venv PEERS/pot && PEERS/pot/bin/pip install pot scipy pyarrow
    python benchmarks/run.py --only peers --peers PEERS

What is not there is said to be absent. Each method is `peer_methods.py` run as a whole process.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from measured import HEAD, Figures, embmon, process

METHODS = str(Path(__file__).parent / "peer_methods.py")
PEERS = {
    "evidently": ("evidently_model", "evidently_mmd", "evidently_ratio", "evidently_distance"),
    "alibi": ("alibi_mmd", "alibi_ks"),
    "nannyml": ("nannyml_reconstruction", "nannyml_classifier"),
    "pot": ("pot_sliced_wasserstein", "frechet"),
}


def against_peers(
    folder: Path | None,
    a: str,
    b: str,
    *,
    runs: int,
    methods: Mapping[str, Sequence[str]] = PEERS,
) -> list[str]:
    """The table of `embmon drift` and of every peer that is there, with ratios to it."""
    ours = process("`embmon drift`", embmon("drift", a, b), runs=runs)
    lines = [
        HEAD.replace("peak MB |", "peak MB | × ours |").replace(
            "|---|---|---|---|", "|---|---|---|---|---|"
        )
    ]
    lines.append(_row(ours, ours))
    for name, own in methods.items():
        interpreter = (folder / name / "bin" / "python") if folder else None
        for method in own:
            if interpreter is None or not interpreter.exists():
                lines.append(f"| {method} | absent | | | |")
                continue
            lines.append(_of(interpreter, method, (a, b), ours, runs))
    return lines


def _of(interpreter: Path, method: str, pair: tuple[str, str], ours: Figures, runs: int) -> str:
    try:
        return _row(process(method, [str(interpreter), METHODS, method, *pair], runs=runs), ours)
    except RuntimeError as error:
        return f"| {method} | failed: {error} | | | |"


def _row(figures: Figures, ours: Figures) -> str:
    return f"{figures.row()} {figures.cpu_s / ours.cpu_s:.1f} |"
