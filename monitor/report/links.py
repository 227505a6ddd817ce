"""Links between pages: plain file names in the same folder, never anything from data."""

from __future__ import annotations

import re

_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}\.html")


_LIST = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}/index\.html")


def listed(value: str) -> bool:
    """Whether a list of reports may link to `value`: a page beside it, or the list of a folder.

    >>> listed("a.html"), listed("dishes/index.html"), listed("../index.html")
    (True, True, False)
    """
    return bool(file_name(value) or _LIST.fullmatch(value))


def file_name(value: object) -> str:
    """`value` if it is the plain name of a page, else "".

    >>> file_name("dishes-2026.html"), file_name("javascript:x.html"), file_name("../a.html")
    ('dishes-2026.html', '', '')
    """
    return value if isinstance(value, str) and _FILE.fullmatch(value) else ""
