"""One method of another tool on two Parquet files: `python peer_methods.py METHOD A B`.

Runs in the environment of that tool, so it imports nothing of this project.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pyarrow.parquet as pq


def vectors(path: str) -> Any:
    """The column `embedding`, (n, d) float32."""
    column = pq.read_table(path, columns=["embedding"])["embedding"].combine_chunks()
    values = np.asarray(column.flatten(), np.float32)
    return values.reshape(len(column), -1)


def evidently(a: Any, b: Any, method: Any) -> None:
    """One of Evidently's embedding drift methods, as its legacy metric runs it."""
    import pandas as pd
    from evidently.legacy.metrics import EmbeddingsDriftMetric
    from evidently.legacy.pipeline.column_mapping import ColumnMapping
    from evidently.legacy.report import Report

    names = [f"d{i}" for i in range(a.shape[1])]
    report = Report(metrics=[EmbeddingsDriftMetric("all", drift_method=method)])
    report.run(
        reference_data=pd.DataFrame(a, columns=names),
        current_data=pd.DataFrame(b, columns=names),
        column_mapping=ColumnMapping(embeddings={"all": names}),
    )
    print(report.as_dict()["metrics"][0]["result"]["drift_score"])


def evidently_model(a: Any, b: Any) -> None:
    """A classifier of reference against current."""
    from evidently.legacy.metrics.data_drift.embedding_drift_methods import model

    evidently(a, b, model())


def evidently_mmd(a: Any, b: Any) -> None:
    """Quadratic maximum mean discrepancy."""
    from evidently.legacy.metrics.data_drift.embedding_drift_methods import mmd

    evidently(a, b, mmd())


def evidently_ratio(a: Any, b: Any) -> None:
    """The share of components that drifted."""
    from evidently.legacy.metrics.data_drift.embedding_drift_methods import ratio

    evidently(a, b, ratio())


def evidently_distance(a: Any, b: Any) -> None:
    """The distance of means."""
    from evidently.legacy.metrics.data_drift.embedding_drift_methods import distance

    evidently(a, b, distance())


def alibi_mmd(a: Any, b: Any) -> None:
    """Quadratic MMD with 100 permutations."""
    from alibi_detect.cd import MMDDrift

    print(MMDDrift(a, backend="pytorch").predict(b)["data"]["p_val"])


def alibi_ks(a: Any, b: Any) -> None:
    """Kolmogorov-Smirnov of every dimension."""
    from alibi_detect.cd import KSDrift

    print(KSDrift(a).predict(b)["data"]["is_drift"])


def nannyml_reconstruction(a: Any, b: Any) -> None:
    """The reconstruction error of principal components."""
    import nannyml as nml

    reference, current, names = _frames(a, b)
    found = nml.DataReconstructionDriftCalculator(column_names=names, chunk_number=1)
    print(found.fit(reference).calculate(current).to_df().shape)


def nannyml_classifier(a: Any, b: Any) -> None:
    """A classifier of reference against current."""
    import nannyml as nml

    reference, current, names = _frames(a, b)
    found = nml.DomainClassifierCalculator(feature_column_names=names, chunk_number=1)
    print(found.fit(reference).calculate(current).to_df().shape)


def pot_sliced_wasserstein(a: Any, b: Any) -> None:
    """Sliced Wasserstein distance, 50 projections."""
    import ot

    print(ot.sliced_wasserstein_distance(a, b, seed=0))


def frechet(a: Any, b: Any) -> None:
    """Fréchet distance as pytorch-fid writes it, by scipy's matrix square root."""
    from scipy.linalg import sqrtm

    ca, cb = (np.cov(x, rowvar=False) for x in (a, b))
    gap = a.mean(axis=0) - b.mean(axis=0)
    print(gap @ gap + np.trace(ca + cb - 2 * np.real(sqrtm(ca @ cb))))


def _frames(a: Any, b: Any) -> Any:
    import pandas as pd

    names = [f"d{i}" for i in range(a.shape[1])]
    return pd.DataFrame(a, columns=names), pd.DataFrame(b, columns=names), names


if __name__ == "__main__":
    globals()[sys.argv[1]](*(vectors(path) for path in sys.argv[2:]))
