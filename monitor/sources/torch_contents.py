"""The contents of a PyTorch checkpoint, read without running it.

A checkpoint is a zip archive. Its `data.pkl` tells what there is, and is a pickle: loading one runs
whatever it names. Here its opcodes are read as data. Containers, plain values and tensors mean
something; whatever would be imported and called besides is an object of no interest.
"""

from __future__ import annotations

import pickletools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from monitor.sources.limits import MAX_NESTING

_STORAGES = {
    **{"DoubleStorage": "float64", "FloatStorage": "float32", "HalfStorage": "float16"},
    **{"BFloat16Storage": "bfloat16", "LongStorage": "int64", "IntStorage": "int32"},
    **{"ShortStorage": "int16", "CharStorage": "int8", "ByteStorage": "uint8"},
}
_MARK, _OTHER = object(), object()
_TENSORS = ("torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2")
_PARAMETERS = ("torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state")
_VALUES = ("INT", "LONG", "FLOAT", "BINUNICODE", "UNICODE", "BYTES", "STRING", "BYTEARRAY")


@dataclass(frozen=True)
class Storage:
    """Numbers of one type under a key of the archive."""

    key: str
    dtype: str


@dataclass(frozen=True)
class Tensor:
    """Where a tensor lies in its storage: offset, shape and strides in numbers, as they are
    stated and not yet checked."""

    storage: Storage
    offset: Any
    shape: Any
    strides: Any


@dataclass(frozen=True)
class _Global:
    name: str


def tensors(contents: bytes) -> dict[str, Tensor]:
    """The tensors of a `data.pkl`, by the keys of nested dicts and lists on the way to them,
    joined by dots. Raises ValueError where it is damaged."""
    try:
        return dict(_named(_read(contents), "", set(), 0))
    except (IndexError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"its data.pkl is damaged: {error!r}") from error


def _named(value: Any, name: str, seen: set[int], depth: int) -> Iterator[tuple[str, Tensor]]:
    if isinstance(value, Tensor):
        yield name or "tensor", value
    elif isinstance(value, dict | list | tuple) and depth < MAX_NESTING and id(value) not in seen:
        seen.add(id(value))  # what holds itself, or is held a million times, is walked once
        for key, member in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _named(member, f"{name}.{key}" if name else str(key), seen, depth + 1)


def _read(contents: bytes) -> Any:
    """What the opcodes would build, all but plain values and tensors left out."""
    stack: list[Any] = []
    memo: dict[Any, Any] = {}
    for opcode, argument, _ in pickletools.genops(contents):
        name = opcode.name
        if name in ("PROTO", "FRAME"):
            continue
        if name == "STOP":
            break
        if name == "MEMOIZE":
            memo[len(memo)] = stack[-1]
        elif name.endswith("PUT"):
            memo[argument] = stack[-1]
        elif name.endswith("GET"):
            stack.append(memo[argument])
        elif name in _STEPS:
            _STEPS[name](stack)
        elif name == "GLOBAL":
            stack.append(_Global(str(argument).replace(" ", ".")))
        elif any(kind in name for kind in _VALUES):
            stack.append(argument)
        else:
            raise ValueError(f"its data.pkl holds the opcode {name}")
    return stack[-1]


def _since_mark(stack: list[Any]) -> list[Any]:
    at = len(stack) - 1 - stack[::-1].index(_MARK)
    found = stack[at + 1 :]
    del stack[at:]
    return found


def _popped(stack: list[Any], n: int) -> tuple[Any, ...]:
    if len(stack) < n:
        raise ValueError("its data.pkl is damaged")
    found = tuple(stack[len(stack) - n :])
    del stack[len(stack) - n :]
    return found


def _set(stack: list[Any], items: list[Any] | tuple[Any, ...]) -> None:
    if isinstance(stack[-1], dict):
        # What could not be a key, or is no plain one, names no tensor.
        pairs = zip(items[::2], items[1::2], strict=True)
        stack[-1].update((k, v) for k, v in pairs if isinstance(k, str | int))


def _add(stack: list[Any], items: list[Any] | tuple[Any, ...]) -> None:
    if isinstance(stack[-1], list):
        stack[-1].extend(items)


def _called(stack: list[Any]) -> Any:
    function, arguments = _popped(stack, 2)
    name = function.name if isinstance(function, _Global) else ""
    if name == "collections.OrderedDict":
        return {}
    if name in _TENSORS and isinstance(arguments[0], Storage):
        return Tensor(*arguments[:4])
    return arguments[0] if name in _PARAMETERS else _OTHER


def _storage(stack: list[Any]) -> Any:
    (named,) = _popped(stack, 1)
    kind, key = named[1], named[2]
    dtype = _STORAGES.get(kind.name.rpartition(".")[2]) if isinstance(kind, _Global) else None
    return Storage(str(key), dtype) if named[0] == "storage" and dtype else _OTHER


def _global(stack: list[Any]) -> Any:
    return _Global(".".join(map(str, _popped(stack, 2))))


def _other(n: int) -> Callable[[list[Any]], None]:
    def step(stack: list[Any]) -> None:
        _popped(stack, n)
        stack.append(_OTHER)

    return step


def _tuple(n: int) -> Callable[[list[Any]], None]:
    return lambda stack: stack.append(_popped(stack, n))


_STEPS: dict[str, Callable[[list[Any]], object]] = {
    "MARK": lambda stack: stack.append(_MARK),
    "NONE": lambda stack: stack.append(None),
    "NEWTRUE": lambda stack: stack.append(True),
    "NEWFALSE": lambda stack: stack.append(False),
    "EMPTY_DICT": lambda stack: stack.append({}),
    "EMPTY_LIST": lambda stack: stack.append([]),
    "EMPTY_SET": lambda stack: stack.append(_OTHER),
    "EMPTY_TUPLE": lambda stack: stack.append(()),
    "TUPLE": lambda stack: stack.append(tuple(_since_mark(stack))),
    "TUPLE1": _tuple(1),
    "TUPLE2": _tuple(2),
    "TUPLE3": _tuple(3),
    "POP": lambda stack: _popped(stack, 1),
    "POP_MARK": _since_mark,
    "SETITEM": lambda stack: _set(stack, _popped(stack, 2)),
    "SETITEMS": lambda stack: _set(stack, _since_mark(stack)),
    "APPEND": lambda stack: _add(stack, _popped(stack, 1)),
    "APPENDS": lambda stack: _add(stack, _since_mark(stack)),
    "ADDITEMS": _since_mark,
    "BUILD": lambda stack: _popped(stack, 1),
    "BINPERSID": lambda stack: stack.append(_storage(stack)),
    "STACK_GLOBAL": lambda stack: stack.append(_global(stack)),
    "REDUCE": lambda stack: stack.append(_called(stack)),
    "NEWOBJ": _other(2),
    "NEWOBJ_EX": _other(3),
}
