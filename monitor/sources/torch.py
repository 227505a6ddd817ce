"""PyTorch checkpoints, read by PyTorch with `weights_only`, so that no program in them can run."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from typing import Any

from monitor.errors import SourceError
from monitor.sources.arrays import array_table, refuse_array
from monitor.sources.extras import library
from monitor.sources.faults import reading
from monitor.sources.limits import MAX_NESTING
from monitor.sources.matrices import Named, chosen, without_padding
from monitor.sources.nouns import Columns, File, Table
from monitor.sources.safetensors import USUAL, VECTOR


def torch_table(file: File, columns: Columns) -> Table:
    """The table of one tensor of a checkpoint, memory-mapped. Raises SourceError, MissingExtra.

    Tensors of nested dicts and lists are named by the keys on the way to them, joined by dots.
    """
    torch = library("torch", "torch")
    with reading(file.name):
        found = dict(_tensors(_loaded(torch, file), torch.Tensor, ""))
        named = [
            Named(name, tuple(t.shape), str(t.dtype).removeprefix("torch."))
            for name, t in found.items()
        ]
        tensor = found[chosen(file, named, USUAL)].detach()
        if tensor.dtype == torch.bfloat16:
            tensor = tensor.float()
        array = tensor.resolve_neg().numpy()
        refuse_array(array.shape, array.dtype, file.name)
        return without_padding(array_table(file.name, VECTOR, array), file)


def _loaded(torch: Any, file: File) -> Any:
    import pickle

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return torch.load(file.path, map_location="cpu", weights_only=True, mmap=True)
    except pickle.UnpicklingError as error:
        raise SourceError(
            f"{file.name} holds more than tensors, and reading that can run any program: "
            "it was not read",
            "save the weights alone: torch.save(model.state_dict(), PATH), "
            "or better safetensors.torch.save_file",
        ) from error
    except RuntimeError as error:
        raise ValueError(str(error)) from error


def _tensors(value: Any, kind: type, name: str, depth: int = 0) -> Iterator[tuple[str, Any]]:
    if isinstance(value, kind):
        yield name or "tensor", value
        return
    if depth == MAX_NESTING or not isinstance(value, Mapping | list | tuple):
        return
    inner = value.items() if isinstance(value, Mapping) else enumerate(value)
    for key, member in inner:
        yield from _tensors(member, kind, f"{name}.{key}" if name else str(key), depth + 1)
