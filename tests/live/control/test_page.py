"""The page: what a test of its text can show; :mod:`tests.live.control.test_page_in_browser` shows how it works."""

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from harness.live.control.page import page
from harness.live.control.routes import ROUTES
from tests.live.control.testing import FakeServer, ask

TEXT = page().html.decode()
SCRIPT = re.search(r"<script>(.*?)</script>", TEXT, re.DOTALL)[1]


class Elements(HTMLParser):
    """Every element with its attributes."""

    def __init__(self):
        super().__init__()
        self.found = []
        self.feed(TEXT)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))


ELEMENTS = Elements().found


def directives():
    policy = ask(FakeServer(), "GET", "/").headers["Content-Security-Policy"]
    return {name: rest for name, _, rest in (part.strip().partition(" ") for part in policy.split(";"))}


def test_the_policy_lets_in_the_page_s_own_style_and_script_alone():
    for name in ("style", "script"):
        (block,) = re.findall(rf"<{name}>(.*?)</{name}>", TEXT, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(block.encode()).digest()).decode()
        assert directives()[f"{name}-src"] == f"'sha256-{digest}'"
    assert directives()["default-src"] == "'none'"
    assert directives()["connect-src"] == "'self'"
    for name in ("base-uri", "form-action", "frame-ancestors"):
        assert directives()[name] == "'none'"


def test_it_needs_nothing_from_elsewhere():
    for tag, attributes in ELEMENTS:
        assert tag not in ("link", "img", "iframe", "object", "embed", "base"), tag
        assert "src" not in attributes
        assert attributes.get("href", "/").startswith("/")
    urls = re.findall(r"[a-z]+://[^\s\"'`]+", TEXT)
    assert urls == ["http://www.w3.org/2000/svg"], "the name of the SVG namespace is no address"


def test_what_a_client_says_cannot_become_markup():
    for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function("):
        assert way not in TEXT
    for _, attributes in ELEMENTS:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]


def test_it_asks_only_for_what_the_api_has():
    paths = [re.compile(re.sub(r"\{\w+\}", r"\\$\\{[^}]+\\}", route.path)) for route in ROUTES]
    asked = re.findall(r"[\"`](/[a-z][^\"`?]*)", SCRIPT)
    assert {"/sessions", "/faults"} < set(asked)
    for target in asked:
        assert any(path.fullmatch(target) for path in paths), target


def test_every_control_has_a_name():
    labelled = re.findall(r"<label[^>]*>(.*?)</label>", TEXT, re.DOTALL)
    for tag, attributes in ELEMENTS:
        if tag in ("input", "select"):
            assert any(f'id="{attributes["id"]}"' in label for label in labelled)
    assert ("html", {"lang": "en"}) in ELEMENTS
    assert ("p", {"role": "status", "id": "status"}) in ELEMENTS


@pytest.mark.parametrize("needed", ["prefers-color-scheme: dark", 'name="viewport"', ":focus-visible"])
def test_it_suits_the_reader(needed):
    assert needed in TEXT


def test_it_is_small():
    assert TEXT.count("\n") < 400
    assert len(TEXT) < 20_000
