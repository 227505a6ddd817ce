"""Libraries that are installed by those who need them."""

from __future__ import annotations

import importlib
from typing import Any

from monitor.errors import MissingExtra


def library(module: str, extra: str) -> Any:
    """The module. Raises MissingExtra, which prints the `pip install` line of `extra`."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is not None and module.split(".")[0] != error.name.split(".")[0]:
            raise
        raise MissingExtra(module.split(".")[0], extra) from None
