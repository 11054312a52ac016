"""What the script draws is what the document can hold."""

import re
from typing import get_args

from harness.picture.assets import asset
from harness.picture.spans import Style
from harness.report import rows


def test_each_style_of_a_span_has_a_fill_and_each_fill_a_colour():
    block = re.search(r"const FILLS = \{(.*?)\};", asset("picture.js"), re.DOTALL)[1]
    fills = dict(re.findall(r'(\w+): "(\w+)"', block))
    assert set(fills) == set(get_args(Style))
    for name in set(fills.values()):
        assert asset("picture.css").count(f"--fill-{name}:") == 2, "in the light theme and in the dark one"


def test_each_colour_that_is_drawn_is_in_the_style():
    named = set(re.findall(r'this\.colours\("([a-z-]+)"\)', asset("picture.js")))
    assert len(named) > 6 and all(f"--{name}:" in asset("picture.css") for name in named if name != "fill-")


def test_levels_are_drawn_on_the_scale_of_the_terminal():
    assert "const FLOOR_DBFS = -70;" in asset("picture.js")
    assert rows.FLOOR_DBFS == -70
