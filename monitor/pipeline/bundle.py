"""A reference as it is stored: its calibration, and its profiles by season slot, in one blob."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from monitor.calibration import Calibration
from monitor.errors import FrameError
from monitor.model import Window
from monitor.packed import packed, unpacked
from monitor.profiles import Profile, merged
from monitor.scores.radii import Radii
from monitor.seasons import slot

_KIND = "reference/3"


@dataclass(frozen=True)
class Bundle:
    """calibration; slots: the sum of the reference windows of each season slot; radii: how far rows
    of each cluster lie from its centre in them; repeated: the share of a window's rows that repeat
    another of it; launch: the first reference of the space, against which the long-term level is
    shown."""

    calibration: Calibration
    slots: Mapping[str, Profile]
    radii: Radii
    repeated: float
    launch: Profile

    @cached_property
    def whole(self) -> Profile:
        """All slots together."""
        return merged(list(self.slots.values()))

    def of(self, window: Window) -> Profile:
        """What a window is compared with: its own season slot, else the whole reference."""
        known = self.slots.get(slot(window))
        return self.whole if known is None else known

    def without(self, gone: Callable[[pa.Table], pa.Array]) -> Self:
        """The bundle without the sampled rows that `gone` is true of."""
        slots = {name: profile.without(gone) for name, profile in self.slots.items()}
        return replace(self, slots=slots, launch=self.launch.without(gone))

    def to_bytes(self) -> bytes:
        """The bundle for the store."""
        parts = {"calibration": self.calibration.to_bytes(), "launch": self.launch.to_bytes()}
        parts |= {f"slot:{name}": profile.to_bytes() for name, profile in self.slots.items()}
        arrays: dict[str, npt.NDArray[Any]] = {
            name: np.frombuffer(data, np.uint8) for name, data in parts.items()
        }
        arrays["radii"] = np.stack([self.radii.mean, self.radii.between])
        return packed(arrays, {"kind": _KIND, "repeated": self.repeated})

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """The bundle whose `to_bytes` this is; FrameError where it is not."""
        arrays, header = unpacked(data)
        if header.get("kind") != _KIND:
            raise FrameError(f"{header.get('kind')!r} is no reference this release can read")
        return cls(
            Calibration.from_bytes(arrays["calibration"].tobytes()),
            _Slots(
                {
                    name.removeprefix("slot:"): array.tobytes()
                    for name, array in arrays.items()
                    if name.startswith("slot:")
                }
            ),
            Radii(*arrays["radii"]),
            float(header["repeated"]),
            Profile.from_bytes(arrays["launch"].tobytes()),
        )


class _Slots(Mapping[str, Profile]):
    """Profiles restored when they are asked for: a window needs one slot of a week's."""

    def __init__(self, stored: Mapping[str, bytes]) -> None:
        self._stored = stored
        self._restored: dict[str, Profile] = {}

    def __getitem__(self, name: str) -> Profile:
        if name not in self._restored:
            self._restored[name] = Profile.from_bytes(self._stored[name])
        return self._restored[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._stored)

    def __len__(self) -> int:
        return len(self._stored)
