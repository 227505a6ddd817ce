"""Page -> one HTML file that needs nothing else: templates, style, script, data, policy."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import BaseLoader, ChoiceLoader, FileSystemLoader, PrefixLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from monitor import assets
from monitor.errors import MonitorError, UsageError
from monitor.report.glossary import MEANINGS
from monitor.report.markdown import markdown
from monitor.report.packed import json_block
from monitor.report.page import Page
from monitor.report.picture import picture
from monitor.report.policy import policy
from monitor.report.raster import rastered
from monitor.report.story import page_of
from monitor.report.texts import texts_of
from monitor.report.written import write_page

_STYLE = "assets/page.css"
_PICTURE = "picture.svg.j2"
_ENDS_BLOCK = re.compile(r"</(script|style)|<!--", re.IGNORECASE)
_SCRIPTS = (
    "vendor/echarts-6.1.0.min.js",
    "assets/start.js",
    "assets/trend.js",
    "assets/points.js",
    "assets/pointer.js",
    "assets/lasso.js",
    "assets/slider.js",
    "assets/near.js",
    "assets/map.js",
    "assets/tables.js",
    "assets/end.js",
)


def render(
    run: Mapping[str, Any],
    out: Path,
    *,
    templates: Path | None = None,
    examples: str = "truncate",
    redact: Sequence[str] = (),
    fragment: bool = False,
) -> Path:
    """The page of run JSON, written whole to `out` (mode 0640); returns `out`.

    Its shape follows the name of `out`: Markdown for .md, one picture for .svg and .png, else HTML.
    fragment: HTML to put into another page, without scripts, that keeps its style to itself.
    templates: a folder whose files stand in for the built-in templates of the same name.
    examples: how row texts are shown, "none", "hash", "truncate" or "full"; redact: regular
    expressions blanked in every text. The same run gives the same bytes.
    Raises UsageError for a schema no page is made of, MonitorError for a faulty template or a
    folder that cannot be written.
    """
    page = page_of(run, texts_of(examples, redact))
    write_page(out, _shaped(page, out.suffix.lower(), templates, fragment))
    return out


def png(
    run: Mapping[str, Any], *, templates: Path | None = None, redact: Sequence[str] = ()
) -> bytes:
    """Verdict, trend and maps of run JSON as the bytes of a PNG, for mail and messages.

    It holds no text of any row; `templates`, `redact` and what is raised are as in `render`.
    """
    return _png(page_of(run, texts_of("none", redact)), templates)


def _shaped(page: Page, suffix: str, templates: Path | None, fragment: bool) -> str | bytes:
    if suffix == ".md":
        return markdown(page)
    if suffix == ".svg":
        return _svg(page, templates)
    if suffix == ".png":
        return _png(page, templates)
    if fragment:
        return filled("fragment.html.j2", templates, False, page=page)
    return page_html(page, templates)


def _svg(page: Page, templates: Path | None) -> str:
    return filled(_PICTURE, templates, False, page=page, picture=picture(page))


def _png(page: Page, templates: Path | None) -> bytes:
    svg = _svg(page, templates)
    try:
        return rastered(svg, page.chapters[0].banner.tone)
    except ValueError as error:  # only a template of the user's can make it
        raise _faulty(_PICTURE, error) from error


def page_html(page: Page, templates: Path | None = None, *, live: bool = True) -> str:
    """The page as HTML text; pages without live charts, or not to be `live`, carry no script."""
    chapters = page.chapters if live else ()
    blocks = {chapter.key: json_block(chapter.data) for chapter in chapters if chapter.data}
    return filled("page.html.j2", templates, bool(blocks), page=page, blocks=blocks)


def notebook_html(run: Mapping[str, Any]) -> str:
    """The page of a run as notebooks show it: in a frame of its own, without scripts."""
    page = page_html(page_of(run, texts_of("truncate", ())), live=False)
    return str(
        Markup('<iframe srcdoc="{}" title="{}" width="100%" height="720" sandbox></iframe>').format(
            page, "embedding-monitor"
        )
    )


def filled(name: str, templates: Path | None, live: bool, **values: object) -> str:
    """The template `name`, the user's own where the folder `templates` has it, with its values,
    style, script if `live`, and the policy for those.

    Raises MonitorError naming the template and line at fault.
    """
    env = _environment(templates)
    try:
        style = _asset(env, _STYLE)
        script = "\n".join(_asset(env, name) for name in _SCRIPTS) if live else ""
        own = {"style": Markup(style), "script": Markup(script), "policy": policy(style, script)}
        return env.get_template(name).render(**own, **values) + "\n"
    except Exception as error:  # a template can raise anything
        raise _faulty(name, error) from error


@lru_cache(maxsize=4)
def _environment(templates: Path | None) -> ImmutableSandboxedEnvironment:
    """Templates of the user's folder first; the built-in ones stay reachable as `embmon/NAME`, to
    be extended. Kept, as compiling them takes longer than filling them; a file that changed is
    read again."""
    ours: BaseLoader = FileSystemLoader(assets.templates())
    if templates is not None:
        if not templates.is_dir():
            raise UsageError(
                f"the template folder {templates} does not exist",
                "make it, or leave templates out to use the built-in ones",
            )
        ours = ChoiceLoader([FileSystemLoader(templates), PrefixLoader({"embmon": ours}), ours])
    env = ImmutableSandboxedEnvironment(
        loader=ours,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.globals["meanings"] = MEANINGS
    return env


def _asset(env: ImmutableSandboxedEnvironment, name: str) -> str:
    """The text of an asset as the browser hashes it: with \\n only."""
    if env.loader is None:
        return ""
    text = env.loader.get_source(env, name)[0].replace("\r\n", "\n").replace("\r", "\n")
    if found := _ENDS_BLOCK.search(text):
        raise ValueError(f"{name} holds {found[0]}, which could end its block of the page")
    return text


def _faulty(name: str, error: Exception) -> MonitorError:
    where, line = getattr(error, "name", None) or name, getattr(error, "lineno", None)
    trace = None if line else error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file.endswith(".j2"):  # Jinja names the template in its frames; the innermost counts
            where, line = Path(file).name, trace.tb_lineno
        trace = trace.tb_next
    place = f"{where}, line {line}" if line else where
    return MonitorError(
        f"the template {place} cannot be rendered: {error}",
        "docs/report.md lists what a template is given; without the file the built-in one is used",
    )
