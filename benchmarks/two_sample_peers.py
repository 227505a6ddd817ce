"""`embmon drift` and the rules of other tools on the same pairs of samples.

    python benchmarks/two_sample_peers.py --peers DIR --data DIR --work DIR [--trials 20]

`--peers` holds an environment for each tool (evidently, alibi, nannyml, goodpoints), made as
`peers.py` says (`pip install goodpoints` for the last); what is not there is left out. `--data`
holds the foods in two languages (see `shifts.py`). Pairs of `--rows` rows a side are written to
`--work` once, every rule reads the same ones, and what it said is kept there, so that a run that
was stopped goes on; of a rule without an environment the answers kept there are taken.

A cell of the table is the share of pairs on which a rule alarms at a threshold matched to one rate
of false alarms, the 95 % quantile of its scores without a difference in the same embeddings; in
brackets the share at its own defaults. `drift` is there by its verdict, at its level of 5 %; in
brackets the share with p <= .05.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent))

from measured import ONE_THREAD, machine

from benchmarks import shifts
from benchmarks.pairs import LEVEL

SCRIPT = str(Path(__file__).parent / "peer_rules.py")
TOOLS = {
    "evidently_model": "evidently",
    "evidently_mmd": "evidently",
    "evidently_ratio": "evidently",
    "evidently_distance": "evidently",
    "alibi_mmd": "alibi",
    "alibi_online_mmd": "alibi",
    "alibi_ks": "alibi",
    "nannyml_reconstruction": "nannyml",
    "nannyml_classifier": "nannyml",
    "compress_then_test": "goodpoints",
    "driftlens": "evidently",
}
EITHER_WAY = ("nannyml_reconstruction",)
"""Rules whose score tells most when it is far from what is usual, up or down."""
SLOW = {"nannyml_classifier": 10, "alibi_online_mmd": 10}
"""Rules that take five seconds to minutes a pair, and of how many trials of each case."""
NULLS = {"dishes alike": "dishes", "foods alike": "foods", "one decade": "speeches"}


@dataclass(frozen=True)
class Pair:
    """One trial of a case; its rows are in `path`."""

    case: str
    trial: int
    path: Path

    @property
    def embeddings(self) -> str:
        """Which ones it is made of."""
        if self.case in NULLS:
            return NULLS[self.case]
        if "French" in self.case:
            return "foods"
        return "speeches" if "decade" in self.case else "dishes"


@dataclass(frozen=True)
class Said:
    """What one rule said of each pair: its score, and whether it alarms at its defaults."""

    name: str
    of: dict[str, tuple[float, bool]]

    def about(self, pairs: Sequence[Pair]) -> list[tuple[float, bool]]:
        """Of those of these pairs that it was asked about."""
        return [self.of[pair.path.stem] for pair in pairs if pair.path.stem in self.of]

    def default(self, pairs: Sequence[Pair]) -> float:
        """Share of these pairs on which it alarms."""
        return float(np.mean([alarm for _, alarm in self.about(pairs)]))

    def matched(self, pairs: Sequence[Pair], alike: Sequence[Pair]) -> float:
        """The same past the 95 % quantile of its scores of the pairs that are alike."""
        usual, scores = (np.array([score for score, _ in self.about(p)]) for p in (alike, pairs))
        if self.name in EITHER_WAY:
            middle = np.median(usual)
            usual, scores = np.abs(usual - middle), np.abs(scores - middle)
        return float(np.mean(scores > np.quantile(usual, 1 - LEVEL)))


def cases(folder: Path) -> dict[str, shifts.Case]:
    """By name; those without a difference first."""
    foods = shifts.of_foods(folder)
    nulls = {
        "dishes alike": shifts.null(shifts.N, shifts.N),
        "foods alike": foods.pop("foods, no difference"),
        "one decade": shifts.one_decade,
    }
    return nulls | shifts.SYNTHETIC | shifts.REAL | foods


def written(asked: argparse.Namespace) -> Iterator[Pair]:
    """Every pair, written where it is not there."""
    for place, (case, draw) in enumerate(cases(asked.data).items()):
        for trial in range(asked.alike if case in NULLS else asked.trials):
            path = asked.work / f"{place}.{trial}.npz"
            if not path.exists():
                sides = draw(np.random.default_rng(10_000 + trial))
                # In random order, as rules that cut the rows into chunks expect.
                rng = np.random.default_rng(trial)
                a, b = (rng.permutation(side.vectors)[: asked.rows] for side in sides)
                np.savez(path, a=a, b=b)
            yield Pair(case, trial, path)


def ask_ourselves(pairs: Sequence[Pair], out: Path) -> None:
    """Writes what `drift` says of each pair: minus its p-value, and its verdict."""
    import monitor

    done = said("drift", out).of
    with out.open("a") as lines:
        for pair in pairs:
            if pair.path.stem in done:
                continue
            with np.load(pair.path) as sides:
                found = monitor.drift(sides["a"], sides["b"], seed=pair.trial)
            line = {"pair": pair.path.stem, "score": -found.p_value}
            print(json.dumps(line | {"alarm": found.verdict == "drift"}), file=lines, flush=True)


def ask(rule: str, interpreter: Path, work: Path) -> None:
    """Writes what another tool's rule says of each pair."""
    most = ["--most", str(SLOW[rule])] if rule in SLOW else []
    command = [str(interpreter), "-W", "ignore", SCRIPT, rule, str(work), *most]
    quiet = {"NML_DISABLE_USAGE_LOGGING": "1", **ONE_THREAD}
    subprocess.run(command, check=True, capture_output=True, env=os.environ | quiet)


def said(rule: str, path: Path) -> Said:
    """What is kept of a rule's answers."""
    lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    return Said(rule, {line["pair"]: (line["score"], line["alarm"]) for line in lines})


def table(pairs: Sequence[Pair], ours: Said, others: Sequence[Said]) -> Iterator[str]:
    """A row for each case: what each rule finds at matched rates, in brackets at its defaults; of
    `drift` what its verdict calls drift, in brackets what is certain by the test alone."""
    names = list(dict.fromkeys(pair.case for pair in pairs))
    of = {name: [pair for pair in pairs if pair.case == name] for name in names}
    alike = {NULLS[name]: of[name] for name in NULLS}
    certain = Said("p", {k: (score, -score <= LEVEL) for k, (score, _) in ours.of.items()})
    yield "| | " + " | ".join(["drift", *(one.name.replace("_", " ") for one in others)]) + " |"
    yield "|---" * (2 + len(others)) + "|"
    rates: dict[str, list[tuple[float, float]]] = {}
    for name in names:
        usual = alike[of[name][0].embeddings]
        rates[name] = [(ours.default(of[name]), certain.default(of[name]))]
        rates[name] += [(one.matched(of[name], usual), one.default(of[name])) for one in others]
        yield _row(name, rates[name])
    for word, chosen in (("the synthetic", shifts.SYNTHETIC), ("all", set(names) - set(NULLS))):
        yield _row(
            f"**mean of {word}**", np.mean([rates[name] for name in chosen], axis=0).tolist()
        )
    asked = [sum(pair.path.stem in one.of for pair in pairs) for one in (ours, *others)]
    yield "| pairs | " + " | ".join(str(n) for n in asked) + " |"


def _row(name: str, rates: Sequence[tuple[float, float]]) -> str:
    return f"| {name} | " + " | ".join(f"{one:.2f} ({other:.2f})" for one, other in rates) + " |"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--trials", type=int, default=20)
    options.add_argument("--alike", type=int, default=40, help="trials without a difference")
    options.add_argument("--rows", type=int, default=500, help="a side; 250 of the decades at most")
    options.add_argument("--data", type=Path, required=True)
    options.add_argument("--work", type=Path, required=True)
    options.add_argument("--peers", type=Path)
    options.add_argument("--only", nargs="*", choices=TOOLS, default=list(TOOLS))
    asked = options.parse_args()
    asked.work.mkdir(parents=True, exist_ok=True)
    pairs = list(written(asked))
    for rule in asked.only:
        interpreter = asked.peers / TOOLS[rule] / "bin" / "python" if asked.peers else None
        if interpreter is not None and interpreter.exists():
            ask(rule, interpreter, asked.work)
    ask_ourselves(pairs, asked.work / "drift.jsonl")
    answered = [said(rule, asked.work / f"{rule}.jsonl") for rule in asked.only]
    print(f"{datetime.now(UTC):%Y-%m-%d}, {machine()}")
    print(f"{asked.rows} rows a side, {asked.trials} trials, {asked.alike} of sides alike")
    ours = said("drift", asked.work / "drift.jsonl")
    print("\n".join(table(pairs, ours, [one for one in answered if one.of])))


if __name__ == "__main__":
    main()
