"""What a page must be for everybody: read with a parser of the standard library, and the contrast of a palette."""

import re
from html.parser import HTMLParser
from itertools import pairwise

VOID = frozenset({"meta", "br", "img", "link", "input", "hr"})
NAMED = frozenset({"a", "button", "summary", "h1", "h2", "h3", "title"})


class Page(HTMLParser):
    """The elements of a page: a list of (tag, attributes, text)."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.elements = []
        self._open = []
        self.feed(text)
        self.close()
        assert not self._open, f"these are not closed: {[each[0] for each in self._open]}"

    def handle_starttag(self, tag, attrs):
        element = [tag, dict(attrs), ""]
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag):
        assert self._open and self._open[-1][0] == tag, f"</{tag}> closes {self._open[-1:]}"
        self._open.pop()

    def handle_data(self, data):
        for element in self._open:
            element[2] += data

    def of(self, tag):
        return [element for element in self.elements if element[0] == tag]


def check(text):
    """Assert what every page must have; the parsed page."""
    assert text.startswith("<!doctype html>")
    page = Page(text)
    assert page.of("html")[0][1].get("lang") == "en"
    assert len(page.of("main")) == len(page.of("title")) == len(page.of("h1")) == 1
    ids = [attrs["id"] for _, attrs, _ in page.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    levels = [int(tag[1]) for tag, _, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1 and all(after <= before + 1 for before, after in pairwise(levels))
    for tag, attrs, inner in page.elements:
        assert tag not in NAMED or inner.strip() or attrs.get("aria-label"), f"<{tag}> has no name"
        assert tag != "img" or "alt" in attrs
        assert not any(name.startswith("on") or name == "style" for name in attrs), f"<{tag}> {attrs}"
        outside = [value for name, value in attrs.items() if name in ("src", "href", "action") and "//" in str(value)]
        assert not outside, outside
    viewport = next(attrs["content"] for _, attrs, _ in page.of("meta") if attrs.get("name") == "viewport")
    assert "user-scalable" not in viewport and "maximum-scale" not in viewport
    return page


def themes(css):
    """The colours of a style, by the name of the variable: of the light theme, and of the dark one."""
    light, dark = (
        dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block))
        for block in re.findall(r":root(?::not\(\.paper\))? \{(.*?)\}", css, re.S)
    )
    assert light.keys() == dark.keys()
    return light, dark


def contrast(one, other):
    """The ratio of WCAG 2.2: (L1 + 0.05) / (L2 + 0.05)."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
