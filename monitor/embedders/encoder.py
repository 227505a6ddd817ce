"""Texts by a transformer, with the layer and the pooling that are asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from monitor.contract import stated
from monitor.embedders.embedded import Embedded, Recipe, ids_of, kept, normalised
from monitor.errors import UsageError
from monitor.sources.extras import library

BATCH = 32
POOLINGS = ("mean", "cls", "last")


def encoder(recipe: Recipe) -> Embedded:
    """Vectors of the texts by the model of a folder or a name of the Hugging Face hub.

    pooling over the tokens of each text: `mean`, `cls` (the first) or `last`. No code of the
    model's own is run. Raises UsageError, MissingExtra.
    """
    transformers = library("transformers", "encoders")
    if recipe.model is None:
        raise UsageError("encoder needs a model", "--model FOLDER or a name of the hub")
    rows = recipe.rows()
    column = rows[recipe.text].combine_chunks()
    texts = [recipe.prefix + (text or "") for text in column.to_pylist()]
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(recipe.model)
        model = transformers.AutoModel.from_pretrained(recipe.model, use_safetensors=True).eval()
    except (OSError, ValueError) as error:
        raise UsageError(
            f"the model {recipe.model!r} cannot be loaded: {str(error).splitlines()[0]}",
            "give a folder with its config.json, model.safetensors and tokenizer",
        ) from error
    said = stated(recipe.model).get("max_length")
    length = int(recipe.max_length or said or min(tokenizer.model_max_length, 512))
    vectors = _encoded(texts, tokenizer, model, recipe, length)
    vectors = normalised(vectors) if recipe.normalise else vectors
    contract = {
        "encoder": Path(recipe.model).name,
        "dim": int(vectors.shape[1]),
        "prefix": recipe.prefix,
        "pooling": recipe.pooling,
        "layer": recipe.layer,
        "max_length": length,
        "normalised": recipe.normalise,
    }
    return Embedded(vectors, ids_of(rows, recipe), contract, column.nbytes, kept(rows, recipe))


def _encoded(
    texts: list[str], tokenizer: Any, model: Any, recipe: Recipe, length: int
) -> npt.NDArray[np.float32]:
    torch = library("torch", "encoders")
    # Texts of like length together, so that little is padded.
    order = np.argsort([len(text) for text in texts], kind="stable")
    vectors = np.empty((len(texts), model.config.hidden_size), np.float32)
    with torch.inference_mode():
        for start in range(0, len(texts), BATCH):
            rows = order[start : start + BATCH]
            given = tokenizer(
                [texts[row] for row in rows],
                padding=True,
                truncation=True,
                max_length=length,
                return_tensors="pt",
            )
            states = model(**given, output_hidden_states=True).hidden_states
            tokens = layer_of([state.numpy() for state in states], recipe.layer)
            vectors[rows] = pooled(tokens, given["attention_mask"].numpy(), recipe.pooling)
    return vectors


def layer_of(states: list[npt.NDArray[Any]], layer: str) -> npt.NDArray[Any]:
    """One of the layers, 0 being the embeddings, or the mean of the last N of `lastN`.

    >>> states = [np.full((1, 1, 1), float(i)) for i in range(7)]
    >>> [layer_of(states, name).item() for name in ("0", "-1", "last4")]
    [0.0, 6.0, 4.5]
    """
    n = layer.removeprefix("last")
    number = int(n) if n.removeprefix("-").isdigit() else len(states)
    if layer.startswith("last") and 0 < number < len(states):
        mean: npt.NDArray[Any] = np.stack(states[-number:]).mean(axis=0)
        return mean
    if layer == n and -len(states) <= number < len(states):
        return states[number]
    raise UsageError(
        f"the model has no layer {layer!r}", f"0 to {len(states) - 1}, −1 for the last, or last4"
    )


def pooled(
    tokens: npt.NDArray[Any], mask: npt.NDArray[Any], pooling: str
) -> npt.NDArray[np.float32]:
    """(n, d) from tokens (n, t, d); padding, where the mask (n, t) is 0, counts for nothing.

    >>> tokens, mask = np.array([[[1.0], [3.0], [9.0]]]), np.array([[1, 1, 0]])
    >>> [pooled(tokens, mask, how).item() for how in ("mean", "cls", "last")]
    [2.0, 1.0, 3.0]
    """
    if pooling == "cls":
        found = tokens[:, 0]
    elif pooling == "last":
        last = mask.shape[1] - 1 - np.argmax(mask[:, ::-1], axis=1)
        found = tokens[np.arange(len(tokens)), last]
    else:
        found = (tokens * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
    return found.astype(np.float32)
