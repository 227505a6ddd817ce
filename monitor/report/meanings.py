"""What each cause of a comparison or an audit means for those who use the vectors, in one line."""

from __future__ import annotations

_CAUSES = {
    "identical": "Every value is the same: nothing was embedded anew.",
    "noise": "The same encoder: rounding, other hardware, or weights of fewer bits.",
    "rotation": "All vectors were turned as one: fine among themselves, never beside old ones.",
    "translation": "All vectors were moved by one step: never search old and new ones together.",
    "rescale": "All vectors are longer by one factor, which changes inner products, not cosines.",
    "normalisation": "Lengths were dropped or kept: cosines are the same, inner products not.",
    "quantised": "Values were rounded to a coarser grid.",
    "truncated": "Dimensions were cut off.",
    "padded": "Dimensions were added.",
    "collapsed": "Vectors use few of their directions: unlike items look alike.",
    "new encoder": "Another model, layer, pooling or text: old and new vectors must not meet.",
    "other encoder": "The index holds another encoder's vectors than the texts embedded now.",
    "retrained": "Trained again, as was expected: replace the whole index, not parts of it.",
    "partly re-embedded": "Some rows are another encoder's: an embedding job that was cut short.",
    "mixed encoders": "Rows of two encoders stand side by side, and do not find each other.",
    "ids shuffled": "Rows hold the vectors of other items.",
    "zero fill": "Rows are all zeros: often a failed call of the encoder.",
    "nan fill": "Rows hold values that are not numbers.",
    "constant fill": "Many rows hold one and the same vector.",
    "random fill": "Rows hold noise: they have nothing to do with their items.",
    "duplicates": "Rows hold a copy of another item's vector.",
    "dead dimensions": "Dimensions that are the same in all rows.",
}


def cause_meaning(name: str) -> str:
    """The line for a cause, "" for one unknown.

    >>> cause_meaning("quantised (int8)")
    'Values were rounded to a coarser grid.'
    """
    return next((line for key, line in _CAUSES.items() if name.startswith(key)), "")
