"""What each statistic is, in one line, and how to read a page: the words of the help."""

from __future__ import annotations

FAMILIES = {
    "topics": "Has one topic grown or shrunk? The largest change of neighbouring clusters.",
    "clusters": "Do rows fall into the topics in other proportions? Hotelling T² of the shares.",
    "mean": "Has the average vector moved? Hotelling T² of the leading coordinates.",
    "kernel": "Has the shape of the cloud changed? T² of random Fourier features.",
    "covariance": "Has the spread or the correlation of the leading coordinates changed?",
    "scalars": "Norm, distance to the nearest topic and to what the reference spans.",
    "mean_of_all": "Has the average vector moved in any coordinate? T² of all, each in deviations.",
    "products": "Has the shape changed in any pair of coordinates? Second moments of all.",
    "quality": "Null, NaN, infinite, zero or wrongly sized vectors.",
}

METRICS = {
    "mmd2": ("MMD²", "Squared maximum mean discrepancy, unbiased; can be just below 0."),
    "frechet": ("Fréchet distance", "Of two normal distributions with these moments."),
    "mean_cosine": ("cosine distance of means", "0: both average vectors point the same way."),
    "mean_l2": ("Euclidean distance of means", "Between the average vectors."),
    "psi": ("PSI", "Population stability index over topics; custom calls > 0.2 large."),
    "js": ("Jensen-Shannon distance", "Of the topic shares, 0 (same) to 1 (disjoint)."),
    "ks": ("Kolmogorov-Smirnov distance", "The largest of any leading component."),
    "w1": ("Wasserstein distance", "The largest of any leading component, in deviations."),
    "sliced_w1": ("sliced Wasserstein distance", "The mean over the leading components."),
    "pca_residual": ("PCA residual", "Energy outside what the reference spans: how much more."),
    "auc": ("domain AUC", "How well a linear rule tells current from reference; 0.5: not at all."),
}

EFFECTS = {
    "tv_clusters": ("rows that changed topic", "Total variation between topic shares."),
    "mean_sd": ("shift of the mean", "In units of the reference's radius (root mean square)."),
    "auc": ("domain AUC", "0.5: current rows cannot be told from reference rows."),
    "residual_ratio": (
        "distance ratio",
        "How far rows lie from known topics, current over reference; 1: as before.",
    ),
}

QUALITY = {
    "rows": ("rows", "All rows of the window."),
    "null": ("null", "No vector at all."),
    "nan": ("NaN", "At least one value is not a number."),
    "inf": ("infinite", "At least one value is infinite."),
    "zero": ("zero", "All values are 0: often a failed call of the encoder."),
    "wrong_dim": ("wrong dimension", "Of another length than the space declares."),
    "duplicate": ("duplicate", "Exact copies of another row's vector."),
}

MEASURES = {
    "equal": "Share of rows that are equal bit for bit.",
    "close": "Share of rows that are equal up to rounding.",
    "_full": "Neighbours kept when each version is searched whole, rows of one side included.",
    "knn": "Share of each row's nearest neighbours that stayed the same; 1: retrieval unchanged.",
    "rank_similarity": "Are the shared neighbours in the same order? 1: all of them.",
    "second_order": "Cosine of a row's distances to its neighbours, before and after.",
    "overlap": "Share of each row's nearest neighbours that stayed the same.",
    "jaccard": "Neighbours in common over neighbours in either version.",
    "rbo": "Rank-biased overlap: agreement of the order of neighbours, top ranks first.",
    "aligned": "Cosine of a row with itself after the best rotation.",
    "mean_cosine": "Mean cosine of two random rows; near 1: all vectors point one way.",
    "cosine": "Cosine of a row with itself in the other version, coordinate by coordinate.",
    "heldout": "The same on rows that the rotation was not fitted on.",
    "procrustes": "Fit after the best rotation; 1: only rotated, moved or rescaled.",
    "energy": "Share of the whole change that this kind of move explains.",
    "translation": "How far the mean moved, in radii of the cloud.",
    "match": "Share of rows that are their own nearest after the best rotation.",
    "cka": "Linear CKA: likeness of the whole geometry; dominated by the top components.",
    "rsa": "Rank correlation of pair distances.",
    "linear_r2_ab": "Share of B that a linear map of A explains, on rows left out.",
    "linear_r2_ba": "Share of A that a linear map of B explains, on rows left out.",
    "eigenspace": "Eigenspace instability: disagreement to expect of linear models on top.",
    "rankme": "Effective number of dimensions in use (RankMe).",
    "participation": "Effective number of dimensions in use (participation ratio).",
    "rank95": "Dimensions that hold 95 % of the energy.",
    "top1": "Share of the energy in the first direction.",
    "antihubs": "Share of rows that are nobody's neighbour: no search finds them.",
    "hubs_kept": "Share of A's most frequent neighbours that are B's too.",
    "intrinsic": "Coordinates that a neighbourhood needs (TwoNN).",
    "hub": "Skew of how often rows appear as neighbours; high: a few rows are everywhere.",
    "norm_ratio": "Median length of vectors, B over A.",
    "norm_ks": "How differently the lengths of vectors are spread, 0 to 1.",
    "norm_spread": "Spread of the lengths of vectors over their mean.",
    "zero": "Share of rows that are all zeros.",
    "nonfinite": "Share of rows with NaN or infinite values.",
}
"""By a piece of the measure's name; the first that fits wins."""
AUDIT = {
    "anisotropy": "Mean cosine of two rows: near 1, all vectors point one way.",
    "rankme": "Directions in use, by the entropy of the singular values (RankMe).",
    "rankme_share": "RankMe over the dimensions.",
    "participation": "Directions in use, by variance (participation ratio).",
    "top1_share": "Share of the variance in the first direction.",
    "bimodality": "Of the first component: 1/3 for a bell, 1 for two points (Sarle).",
    "intrinsic_dimension": "Coordinates that a neighbourhood needs (TwoNN).",
    "hub_skew": "Skew of how often rows appear as neighbours.",
    "largest_hub": "Share of neighbour lists that the most frequent row stands in.",
    "antihubs": "Share of rows that stand in nobody's list.",
    "duplicate_rows": "Share of rows whose vector another row has too.",
    "dead_dimensions": "Dimensions that are the same in all rows.",
    "norm_spread": "Spread of the lengths over their median.",
}
MAIN_MEASURES = (
    *("knn_overlap@10", "knn_overlap@1", "cosine_median", "procrustes_r2"),
    *("match@1", "cka", "equal_rows", "norm_ratio"),
)
"""Shown first, in this order; the others are folded away."""

MEANINGS = {
    "Did it drift?": "A score past the alarm level, and a change large enough to matter.",
    "Since when?": "The first window of the incident that is open now.",
    "Which part?": "What changed most: a topic (a cluster of the reference), a value of a "
    "column, or a segment.",
    "How sure?": "Of a window p: how often one without any change would score as high. Of "
    "versions: how sure the first cause is.",
    "How exact?": "The rate lies between these; more history makes it more exact.",
    "Can B stand in for A?": "Whether what is built on A, such as an index, works with B.",
    "score": "−log₁₀ of the calibrated p-value: each step of 1 is ten times less likely.",
    "alarm level": "The score at which the stated budget of false alarms is spent.",
    "p": "How often a window without a change would score at least as high.",
    "z": "Change in units of its usual spread; beyond ±3 is rare without a change.",
    "novelty": "Distance to the nearest reference rows, in all dimensions.",
    "statistic": "What the test itself measures; unlike tests cannot be set side by side.",
    "without noise": "The statistic less what sampling noise alone would add; 0: no change.",
    "noise floor": "What the measure reads for a harmless copy of A, such as an fp16 export.",
    "chance": "What the measure reads for unrelated versions.",
    "residual": "What is left of a row's move once the best rotation is taken out.",
    "neighbours kept": "Share of a row's nearest neighbours that both versions agree on.",
    "rows of a grown topic": "So many of all rows become rows of one topic, week by week another.",
    "runs": "Copies of the history, in each of which the topic begins to grow in another week.",
    "found at once": "Runs in which the first window that changed would have alarmed.",
    "found in all": "Runs in which one of so many changed windows would have alarmed.",
    "alarms": "Windows of this history in which the rule would have alarmed.",
    "per 1000 windows": "Alarms per 1000 windows of this history, real changes among them.",
    "rows that changed topic": "Total variation between the topic shares of the two sides.",
    "shift of the mean": "In units of the reference's radius (root mean square).",
    "share of the shift": "How much of the move of the average vector lies along it.",
    "smallest p": "The least likely window: how often one without a change would score as high.",
    "seen over": "The stretch, of this window or of the last few together, that shows it best.",
    "sound indexes": "What indexes of public encoders measured; outside is unusual, not wrong.",
    "recall of a re-index": "Of the ten rows that an index of B would find, the share found.",
    "recall of today's answers": "Of the ten rows that are found today, the share still found.",
    "agreement": "Of the pairs above either threshold, the share above both.",
    "incident": "An alarm that is open, from its first window until the score is quiet again.",
}
"""A line for the heads of tables and the questions of the first screen."""

VERDICTS = {
    "ok": ("OK", "ok"),
    "warn": ("Warning", "warn"),
    "drift": ("Drift", "drift"),
    "calibrating": ("Calibrating", "calibrating"),
    "insufficient": ("Too few rows", "insufficient"),
    "breaking": ("Breaking", "drift"),
    "inconclusive": ("Inconclusive", "insufficient"),
}
"""Word and tone of each verdict in run JSON."""

_GUIDE_VERDICTS = (
    ("Drift", "The score is past the alarm level and the change is large enough to matter."),
    ("Warning", "Something moved, but too little or not surely enough for an alarm."),
    ("OK", "The window differs from its reference no more than windows usually do."),
    ("Calibrating", "Too few reference windows yet to know what is usual; only hard rules apply."),
    ("Too few rows", "Not enough usable rows to decide. This is never “no drift”."),
)

_GUIDE_NUMBERS = (
    ("Score", "−log₁₀ of the calibrated p-value: each step of 1 is ten times less likely."),
    ("Alarm level", "The score at which the stated budget of false alarms is spent."),
    ("p", "How often a window without a change would score at least as high."),
    ("Map", "Neighbours on the map are neighbours in the vectors; far distances mean little."),
    ("Novelty", "Distance to the nearest reference rows in all dimensions, not on the map."),
)

_GUIDE_COMPARE = (
    ("Breaking", "Neighbours or scores changed enough to break what is built on the vectors."),
    ("Warning", "Something changed beyond the noise floor; look before you switch."),
    ("OK", "The versions can stand in for one another."),
    ("Inconclusive", "Too few rows in common, or evidence that disagrees."),
    ("Noise floor", "What the measure reads for a harmless copy of A, such as an fp16 export."),
    ("Chance", "What the measure reads for unrelated versions."),
    ("Residual", "What is left of a row's move once the best rotation is taken out."),
    ("Overlap", "Share of a row's nearest neighbours that both versions agree on."),
)


_GUIDE_AUDIT = (
    ("Breaking", "A hundredth of the rows or more are lost, or another encoder's."),
    ("Warning", "Something is unlike a sound index; look before you search it."),
    ("OK", "Nothing wrong was found. That is no proof: some mixtures do not show."),
    (
        "Edges that cross",
        "Neighbours across two groups; by chance 100 %, of two encoders hardly any.",
    ),
    ("Sound indexes", "What indexes of public encoders measured; outside is unusual, not wrong."),
)


_GUIDE_REPLAY = (
    ("Replay", "The rule run over windows that are kept, as if each had just come in."),
    ("Within budget", "The interval of the rate reaches down to the false alarms allowed."),
    ("Over budget", "More alarms than chance gives: real changes, or a reference too narrow."),
    ("Interval", "Of the rate, at 95 % (Garwood 1936); few windows make it wide."),
    *_GUIDE_NUMBERS[:3],
)

_GUIDE_STATUS = (
    ("Firing", "An alert is open, and nobody muted it."),
    ("Look", "Nothing fires, but a run failed, a message was given up or a monitor never ran."),
    ("Quiet", "Every monitor was judged and nothing fires."),
    ("Muted", "Silenced by hand, or held back because an alert of a deeper cause is open."),
    ("Given up", "The sink refused for good; embmon alerts flush does not try it again."),
)


def guide(kind: str) -> tuple[tuple[str, str], ...]:
    """Words and their meanings for a page of this kind."""
    guides = {
        "audit": _GUIDE_AUDIT,
        "compare": _GUIDE_COMPARE,
        "replay": _GUIDE_REPLAY,
        "status": _GUIDE_STATUS,
    }
    return guides.get(kind, _GUIDE_VERDICTS + _GUIDE_NUMBERS)


def audit_help(name: str) -> str:
    """The line of help of a number of an audit, "" for one unknown."""
    return AUDIT.get(name, "")


def measure_help(name: str) -> str:
    """The line of help of a compare measure, "" for one unknown.

    >>> measure_help("procrustes_r2")
    'Fit after the best rotation; 1: only rotated, moved or rescaled.'
    """
    lower = name.lower()
    return next((text for piece, text in MEASURES.items() if piece in lower), "")
