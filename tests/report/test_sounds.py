"""docs/sounds.md: it is fresh, and has every sound that a scenario may name."""

import re
from pathlib import Path

from harness.audio import NOISES
from harness.audio.clips import clip_names
from harness.report.sounds import SOUND_WORDS, page

PAGE = Path(__file__).parent.parent.parent / "docs" / "sounds.md"


def test_the_page_is_fresh():
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m harness.report.sounds > docs/sounds.md"


def test_every_sound_has_a_row():
    assert SOUND_WORDS.keys() == NOISES.keys()
    assert re.findall(r"^\| `(\w+)` \|", page(), re.MULTILINE) == [*clip_names(), *NOISES]
