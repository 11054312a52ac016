"""The page at ``GET /``: one file that loads nothing else, and a policy that forbids everything else."""

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_BLOCK = re.compile(r"<(style|script)>(.*?)</\1>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ControlPage:
    """The page as UTF-8, and its Content-Security-Policy: its own style and script by their hashes, nothing else."""

    html: bytes
    policy: str


@cache
def page() -> ControlPage:
    """The page that is part of the package."""
    text = (Path(__file__).parent / "page.html").read_text(encoding="utf-8")
    blocks = dict(_BLOCK.findall(text))
    return ControlPage(text.encode(), _policy(style=blocks["style"], script=blocks["script"]))


def _policy(*, style: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
