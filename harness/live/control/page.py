"""The page at ``GET /``: one answer that loads nothing else, and a policy that forbids everything else.

It is made of ``page.html``, ``page.css`` and ``page.js``, and of what draws the picture in a report too.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from ...picture.assets import asset, policy_source


@dataclass(frozen=True, slots=True)
class ControlPage:
    """The page as UTF-8, and its Content-Security-Policy: its own style and script by their hashes, nothing else."""

    html: bytes
    policy: str


@cache
def page() -> ControlPage:
    """The page that is part of the package."""
    style, script = asset("picture.css") + own("page.css"), asset("picture.js") + own("page.js")
    html = own("page.html").replace("/* style */", style).replace("/* script */", script)
    return ControlPage(html.encode(), _policy(style, script))


def own(name: str) -> str:
    """The text of a file in this folder, such as ``page.js``."""
    return (files(__package__) / name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src {policy_source(style)}; script-src {policy_source(script)}; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
