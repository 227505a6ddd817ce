"""A page as a browser shows it, with everything it complained of."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Dialog, Page

_WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation",
  (e) => window.violations.push(e.violatedDirective + " " + e.blockedURI + " " + e.sample));
window.hit = () => window.violations.push("a script from data ran");
"""


@dataclass
class Visit:
    """A page as a browser shows it, and everything it complained of."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def refuse(self, dialog: Dialog) -> None:
        """Closes a dialog that no page should open."""
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def all_complaints(self) -> list[str]:
        """Console output, errors, requests and policy violations so far."""
        return [*self.complaints, *self.page.evaluate("window.violations")]


class Visitor:
    """Opens files in the browser."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser

    def open(self, path: Path, **context: Any) -> Visit:
        """The page at `path`, loaded, with whatever it said on the way."""
        options = {"viewport": {"width": 1280, "height": 800}, **context}
        page = self._browser.new_context(**options).new_page()
        visit = Visit(page)
        page.add_init_script(_WATCH)
        page.on("console", lambda m: visit.complaints.append(f"console: {m.text}"))
        page.on("pageerror", lambda e: visit.complaints.append(f"error: {e}"))
        page.on("dialog", visit.refuse)
        page.on("request", lambda r: visit.complaints.extend(_foreign(r.url, path)))
        page.goto(path.as_uri(), wait_until="load")
        if options.get("java_script_enabled", True):
            page.evaluate("() => new Promise((done) => requestAnimationFrame(() => done()))")
        return visit


def _foreign(url: str, path: Path) -> list[str]:
    return [] if url.split("#")[0] == path.as_uri() else [f"request: {url}"]
