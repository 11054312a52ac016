"""The page: what a test of its text can show; :mod:`tests.live.control.test_page_in_browser` shows how it works."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from typing import get_args

import pytest

from harness.live.control.page import own, page
from harness.live.control.routes import ROUTES, FaultGroup
from harness.picture.assets import asset
from tests.live.control.testing import FakeServer, ask
from tests.report.html_checks import check, contrast, themes

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
    assert re.findall(r"[a-z]+://[^\s\"'`]+", TEXT) == []


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
            own = f'id="{attributes["id"]}"' if "id" in attributes else f'value="{attributes["value"]}"'
            assert any(own in label for label in labelled), attributes
    assert ("html", {"lang": "en"}) in ELEMENTS
    assert ("p", {"role": "status", "id": "status"}) in ELEMENTS
    sections = [attributes for tag, attributes in ELEMENTS if tag == "section"]
    assert [attributes["id"] for attributes in sections] == ["chosen", "list", "faults"]
    ids = [attributes.get("id") for _, attributes in ELEMENTS]
    assert all(attributes["aria-labelledby"] in ids for attributes in sections)


def test_it_is_for_everybody_as_a_report_is():
    check(TEXT)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_its_text_can_be_read_on_its_ground(theme):
    """WCAG: 4.5 for text, 3 for the edges of controls."""
    colours = themes(TEXT)[theme]
    text_on = [("text", "panel"), ("text", "bad-back"), ("text", "warn-back"), ("bad", "bad-back"), ("bad", "panel")]
    text_on += [(name, "back") for name in ("text", "soft", "link", "good", "bad", "warn")]
    text_on += [(name, "panel") for name in ("soft", "good", "warn")]
    assert {pair for pair in text_on if contrast(*(colours[name] for name in pair)) < 4.5} == set()
    assert {name for name in ("edge", "focus", "bad") if contrast(colours[name], colours["back"]) < 3} == set()
    used = set(re.findall(r"var\(--([a-z-]+)\)", own("page.css")))
    assert used <= colours.keys()


def test_each_group_of_faults_is_told():
    (groups,) = re.findall(r"const GROUPS = \{(.*?)\};", SCRIPT, re.DOTALL)
    assert tuple(re.findall(r"^  (\w+):", groups, re.MULTILINE)) == get_args(FaultGroup)


def test_what_draws_the_picture_is_the_report_s():
    assert asset("picture.js") in TEXT
    assert asset("picture.css") in TEXT
    assert "drawPicture(" in own("page.js")


@pytest.mark.parametrize("needed", ["prefers-color-scheme: dark", 'name="viewport"', ":focus-visible"])
def test_it_suits_the_reader(needed):
    assert needed in TEXT


def test_it_is_small():
    assert sum(own(name).count("\n") for name in ("page.html", "page.css", "page.js")) < 650
    assert len(TEXT) < 90_000
