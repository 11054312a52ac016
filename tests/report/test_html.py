"""The page of a run: it needs nothing else, everybody can read it, and what a run says is data in it."""

import base64
import hashlib
import json
import re

import msgspec
import pytest

from harness.journal import Journal
from harness.picture.assets import asset
from harness.picture.document import document
from harness.report.html import VERDICT_BADGES, RunLink, broken_page, comparison_page, embedded, page
from harness.report.journal_page import EXAMPLES
from harness.verdict.findings import Finding
from harness.verdict.judge import Verdict, judge
from tests.report.html_checks import check, contrast, themes
from tests.report.testing import cured, deaf, run

HOSTILE = (
    "</script><script>globalThis.taken=1</script>",
    "<!--<script>",
    "-->",
    "]]>",
    "<img src=x onerror=globalThis.taken=1>",
    '"><svg onload=globalThis.taken=1>',
    "'-globalThis.taken-'",
    "${globalThis.taken=1}",
    "&lt;/script&gt;",
    "line\u2028paragraph\u2029end",
    "\ud800 half a character",
    "\x00\x1b[31m\r\n",
    "\u202eright to left",
    "</ScRiPt >",
    "<style>*{display:none}</style>",
    "javascript:alert(1)",
)
CSS = asset("picture.css")
TEXT_ON = [
    *[(text, "back") for text in ("text", "soft", "link", "good", "bad", "warn", "focus")],
    *[(text, "panel") for text in ("text", "soft", "link", "bad")],
    *[(text, f"{text}-back") for text in ("good", "bad", "warn")],
    *[("text", f"{name}-back") for name in ("good", "bad", "warn")],
    ("link", "warn-back"),
]


def drawn(of=None, **changes):
    played = run(of or deaf(), **changes)
    verdict = judge(played.journal, played.scenario)
    return document(played.journal, verdict, title=played.scenario.name, about="client mine", again="stillthere run it")


def spoilt(value, text):
    """A value of JSON in which each string is another one."""
    if isinstance(value, str):
        return text
    if isinstance(value, dict):
        return {text + key: spoilt(each, text) for key, each in value.items()}
    return [spoilt(each, text) for each in value] if isinstance(value, list) else value


def spoilt_journal(text):
    """A journal with each kind of entry there is, and in each of its fields that is a text, this one."""
    journal = Journal({"stage": "virtual", "scenario": text, "client": text, "settings": {text: text}})
    for example in sorted(EXAMPLES, key=lambda each: each.t):
        changes = {
            name: spoilt(getattr(example, name), text)
            for name in example.__struct_fields__
            if name != "kind" and isinstance(getattr(example, name), str | dict | list)
        }
        journal.add(msgspec.structs.replace(example, **changes))
    journal.notes.append(text)
    return journal


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_journal_says_is_data(text):
    finding = Finding(text, 2_000_000, text, None, (text,), 3)
    shown = document(
        spoilt_journal(text), Verdict("failed", (finding,)), title=text, about=text, again=text
    )  # fmt: skip
    written = page(shown, [RunLink("index.html", "failed", text), RunLink("2.html", "held", text)], "index.html")
    found = check(written)
    honest = page(drawn(), [RunLink("index.html", "failed", "x"), RunLink("2.html", "held", "x")], "index.html")
    assert [each[0] for each in found.elements] == [each[0] for each in check(honest).elements], "no element is made"
    data = next(inner for _, attrs, inner in found.of("script") if attrs.get("id") == "documents")
    assert not re.search("[<>&\u2028\u2029]", data)
    read = json.loads(data)[0]
    assert read["lanes"] == shown["lanes"] and len(read["entries"]) == len(shown["entries"])
    assert "</script" not in data.lower() and written.lower().count("</script>") == 2


def test_a_half_of_a_character_is_written_so_that_the_page_is_utf_8():
    assert embedded([{"a": "\ud800"}]).encode() == b'[{"a":"\\ud800"}]'


def test_the_policy_allows_this_style_and_this_script_and_nothing_from_outside():
    found = check(page(drawn()))
    (policy,) = (attrs["content"] for _, attrs, _ in found.of("meta") if "http-equiv" in attrs)
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    scripts = [inner for _, attrs, inner in found.of("script") if "type" not in attrs]
    for name, (inner,) in (("script-src", scripts), ("style-src", [each[2] for each in found.of("style")])):
        digest = base64.b64encode(hashlib.sha256(inner.encode()).digest()).decode()
        assert rules[name] == f"'sha256-{digest}'"
    assert rules["media-src"] == "data: blob:" and "connect-src" not in rules
    sources = asset("picture.js") + asset("report.js")
    for forbidden in (
        "fetch(",
        "XMLHttpRequest",
        "WebSocket",
        "innerHTML",
        "outerHTML",
        "insertAdjacent",
        "eval(",
        "import(",
    ):
        assert forbidden not in sources


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_text_can_be_read_on_its_ground(theme):
    colours = themes(CSS)[theme]
    fills = [("text", name) for name in colours if name.startswith("fill-")]
    assert len(fills) >= 7
    poor = {pair: contrast(*(colours[name] for name in pair)) for pair in [*TEXT_ON, *fills]}
    assert {pair: ratio for pair, ratio in poor.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_what_is_drawn_can_be_told_from_its_ground(theme):
    colours = themes(CSS)[theme]
    drawn_with = ("wave", "zeros", "curve", "cursor", "edge", "focus", "good", "link")
    assert {name: ratio for name in drawn_with if (ratio := contrast(colours[name], colours["back"])) < 3} == {}


def test_black_on_white_has_the_highest_contrast():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)  # WCAG's own example of what fails


def test_all_kinds_of_pages_are_for_everybody():
    links = [RunLink("index.html", "error", "one"), RunLink("2.html", "held", "two")]
    check(page(drawn(cured())))
    check(page(document(deaf())))
    check(comparison_page([drawn(), drawn(cured())], "They differ."))
    nav = check(broken_page("mine", "the client raised", links, "index.html"))
    assert [attrs.get("aria-current") for _, attrs, _ in nav.of("a")] == ["page", None]
    assert "2 runs: 1 held, 1 error" in nav.of("summary")[0][2]


def test_a_verdict_is_said_in_a_word_and_not_by_its_colour_alone():
    for name, badge in VERDICT_BADGES.items():
        assert name in badge
    assert "✖ failed" in check(page(drawn())).of("h1")[0][2]
    assert page(drawn()).count("<title>failed: capture_dead: A story</title>") == 1


def test_only_a_file_with_voices_says_that_it_holds_some():
    silent = drawn()
    assert "holds voices" not in page(silent)
    heard = silent | {"audio": {"type": "audio/ogg", "left": "as sent", "right": "as heard", "data": "T2dnUw=="}}
    assert "holds voices" in page(heard) and "holds voices" in comparison_page([heard, silent], "")


def test_each_control_that_the_script_makes_has_a_name():
    source = asset("picture.js")
    for text, name in re.findall(r'this\.button\("([^"]*)", "([^"]*)"', source):
        assert text and name
    assert source.count('make("button"') == 2, "both give their text"
    assert "prefers-reduced-motion" in source and "@media print" in CSS and "max-width: 640px" in CSS
