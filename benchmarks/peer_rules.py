"""One drift rule of another tool on many pairs: `python peer_rules.py RULE FOLDER [--most N]`.

FOLDER holds pairs as `CASE.TRIAL.npz` with arrays a and b. Of each pair a line of JSON is written
to `FOLDER/RULE.jsonl`: a score, larger where the sides are farther apart, and whether the rule
alarms at its defaults; pairs that are there already are passed over. Runs in the environment of
that tool, so it imports nothing of this project; numpy, and the one tool, are all that is needed.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

Found = tuple[float, bool]


def evidently(a: Any, b: Any, method: Any) -> Found:
    """One of Evidently's embedding drift methods."""
    import pandas as pd

    names = [f"d{i}" for i in range(a.shape[1])]
    current, reference = pd.DataFrame(b, columns=names), pd.DataFrame(a, columns=names)
    score, drifted, _ = method(current, reference)
    return float(score), bool(drifted)


def evidently_model(a: Any, b: Any) -> Found:
    """ROC AUC of a linear classifier on held-out rows, past .55."""
    from evidently.legacy.metrics.data_drift.embedding_drift_methods import model

    return evidently(a, b, model())


def evidently_mmd(a: Any, b: Any) -> Found:
    """MMD² past .015."""
    from evidently.legacy.metrics.data_drift.embedding_drift_methods import mmd

    return evidently(a, b, mmd())


def evidently_ratio(a: Any, b: Any) -> Found:
    """Share of dimensions whose Wasserstein distance is past .1, past .2."""
    from evidently.legacy.metrics.data_drift.embedding_drift_methods import ratio

    return evidently(a, b, ratio())


def evidently_distance(a: Any, b: Any) -> Found:
    """Euclidean distance of the means past .2."""
    from evidently.legacy.metrics.data_drift.embedding_drift_methods import distance

    return evidently(a, b, distance())


def alibi_mmd(a: Any, b: Any) -> Found:
    """MMD with 100 permutations at 5 %; the score is what the p-value was of."""
    from alibi_detect.cd import MMDDrift

    found = MMDDrift(a, backend="pytorch").predict(b)["data"]
    return float(found["distance"]), bool(found["is_drift"])


def alibi_online_mmd(a: Any, b: Any) -> Found:
    """Online MMD over windows of 50 rows, one false alarm expected in 500: the current rows one by
    one. An alarm where any is past the threshold of its place; the score is of the largest."""
    from alibi_detect.cd import MMDDriftOnline

    tool = MMDDriftOnline(a, ert=500.0, window_size=50, backend="pytorch", verbose=False)
    found = [tool.predict(row)["data"] for row in b]
    return (
        float(np.max([one["test_stat"] for one in found[50:]])),
        any(one["is_drift"] for one in found),
    )


def alibi_ks(a: Any, b: Any) -> Found:
    """Kolmogorov-Smirnov of each dimension, Bonferroni at 5 %; the score is of the smallest p."""
    from alibi_detect.cd import KSDrift

    found = KSDrift(a).predict(b)["data"]
    return -float(np.log(max(found["p_val"].min(), 1e-300))), bool(found["is_drift"])


def nannyml_reconstruction(a: Any, b: Any) -> Found:
    """Reconstruction error of principal components, in ten chunks a side: an alarm where any of
    the current ones is past three deviations of the reference's; the score is of their mean."""
    import nannyml as nml

    reference, current, names = _frames(a, b)
    tool = nml.DataReconstructionDriftCalculator(column_names=names, chunk_number=10)
    found = tool.fit(reference).calculate(current).filter(period="analysis").to_df()
    error = found["reconstruction_error"]
    return float(error["value"].mean()), bool(error["alert"].any())


def nannyml_classifier(a: Any, b: Any) -> Found:
    """Cross-validated ROC AUC of gradient-boosted trees past .65, the current rows in one chunk."""
    import nannyml as nml

    reference, current, names = _frames(a, b)
    tool = nml.DomainClassifierCalculator(feature_column_names=names, chunk_number=1)
    found = tool.fit(reference).calculate(current).filter(period="analysis").to_df()
    auc = found["domain_classifier_auroc"]
    return float(auc["value"].mean()), bool(auc["alert"].any())


def compress_then_test(a: Any, b: Any) -> Found:
    """Compress-Then-Test at the median distance as bandwidth, level 5 % of 39 permutations."""
    from goodpoints.ctt import ctt

    rows = np.vstack([a[:500], b[:500]]).astype(np.float64)
    energy = np.square(rows).sum(axis=1)
    distance = np.sqrt(np.maximum(energy + energy[:, None] - 2 * rows @ rows.T, 0))
    found = ctt(
        a.astype(np.float64),
        b.astype(np.float64),
        g=4,
        lam=float(np.median(distance[np.triu_indices(len(rows), 1)])),
        null_seed=0,
        statistic_seed=0,
    )
    return float(found.statistic_values), bool(found.rejects)


def driftlens(a: Any, b: Any) -> Found:
    """DriftLens without labels, as its paper has it (Greco and others, 2406.17813): Fréchet
    distance on 150 principal components of one half of the reference, past the largest, less
    1 %, of 200 windows as large as the current one, drawn from the other half."""
    half = len(a) // 2
    known, kept = a[:half].astype(np.float64), a[half:].astype(np.float64)
    centre = known.mean(axis=0)
    axes = np.linalg.svd(known - centre, full_matrices=False)[2][: min(150, half - 1)].T
    baseline = _moments((known - centre) @ axes)
    values, vectors = np.linalg.eigh(baseline[1])
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T

    def frechet(rows: Any) -> float:
        mean, covariance = _moments((rows - centre) @ axes)
        shift = mean - baseline[0]
        cross = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ covariance @ root), 0)).sum()
        return float(shift @ shift + np.trace(baseline[1]) + np.trace(covariance) - 2 * cross)

    rng = np.random.default_rng(0)
    windows = [frechet(kept[rng.integers(0, len(kept), len(b))]) for _ in range(200)]
    score = frechet(b.astype(np.float64))
    return score, score > float(np.quantile(windows, 0.99))


def _moments(rows: Any) -> tuple[Any, Any]:
    return rows.mean(axis=0), np.cov(rows, rowvar=False)


def _frames(a: Any, b: Any) -> Any:
    import pandas as pd

    names = [f"d{i}" for i in range(a.shape[1])]
    return pd.DataFrame(a, columns=names), pd.DataFrame(b, columns=names), names


RULES: dict[str, Callable[[Any, Any], Found]] = {
    rule.__name__: rule
    for rule in (
        *(evidently_model, evidently_mmd, evidently_ratio, evidently_distance),
        *(alibi_mmd, alibi_online_mmd, alibi_ks),
        *(nannyml_reconstruction, nannyml_classifier),
        *(compress_then_test, driftlens),
    )
}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("rule", choices=RULES)
    options.add_argument("folder", type=Path)
    options.add_argument("--most", type=int, help="trials of each case")
    asked = options.parse_args()
    out = asked.folder / f"{asked.rule}.jsonl"
    before = out.read_text().splitlines() if out.exists() else []
    done = {json.loads(line)["pair"] for line in before}
    with out.open("a") as lines:
        for path in sorted(asked.folder.glob("*.npz"), key=lambda p: int(p.suffixes[-2][1:])):
            trial = int(path.suffixes[-2][1:])
            if path.stem in done or (asked.most is not None and trial >= asked.most):
                continue
            with np.load(path) as pair:
                score, alarm = RULES[asked.rule](pair["a"], pair["b"])
            line = {"pair": path.stem, "score": score, "alarm": alarm}
            print(json.dumps(line), file=lines, flush=True)


if __name__ == "__main__":
    main()
