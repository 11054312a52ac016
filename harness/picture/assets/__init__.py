"""The style and the JavaScript that draw a picture in a page; they use no library and no network."""

import base64
import hashlib
from functools import cache
from importlib.resources import files


@cache
def asset(name: str) -> str:
    """The text of a file in this folder, such as ``picture.js``."""
    return (files(__package__) / name).read_text(encoding="utf-8")


def policy_source(text: str) -> str:
    """The source of a content security policy that allows this text, in a style or a script of the page, alone."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
