"""The SVG of runs: self-contained, readable in both themes, told in words, and nothing that is said is markup in it."""

import re
from xml.etree import ElementTree

import pytest

from harness.journal import ClientTellsUser, MicrophoneAudio, RoomNoise, RunEnded
from harness.picture.lanes import lanes
from harness.report.run_svg import MOST_MARKS, WIDTH, draw, panel_of_journal, panel_of_run
from harness.report.svg_style import STYLE
from harness.units import SECOND
from harness.verdict.judge import judge
from tests.report.testing import LOUD, add, audio, conversation, cured, deaf, journal, log, run, speaks

SVG = "{http://www.w3.org/2000/svg}"
EVIL = "</text><script>alert(1)</script>&<![CDATA[ \x00\x1b \"'"


def panel(of, again="stillthere run x", **changes):
    played = run(of, **changes)
    return panel_of_run(played, judge(played.journal, played.scenario), again)


def parsed(*panels):
    return ElementTree.fromstring(draw(panels))


def words(drawn):
    return ["".join(each.itertext()) for each in drawn.iter(f"{SVG}text")]


def test_it_needs_nothing_from_elsewhere():
    text = draw([panel(deaf()), panel(cured())])
    assert re.findall(r"https?://[^\"' ]+", text) == ["http://www.w3.org/2000/svg"]
    assert not re.search(r"@import|@font-face|url\(|<script|<image|<foreignObject|href|\son\w+=", text)


def test_it_is_told_in_words():
    drawn = parsed(panel(deaf()), panel(cured()))
    title, told = drawn.find(f"{SVG}title"), drawn.find(f"{SVG}desc")
    assert drawn.get("role") == "img"
    assert drawn.get("aria-labelledby").split() == [title.get("id"), told.get("id")]
    assert title.text == "A story: failed; A story: held"
    assert "the microphone delivers next to nothing while the user speaks" in told.text
    assert "reopened the capture" in told.text


def test_a_run_has_its_lanes_its_events_and_its_verdict():
    shown = words(parsed(panel(deaf())))
    for lane in ("user speaks", "faults", "microphone", "sent", "server hears", "assistant", "connection", "events"):
        assert lane in shown
    assert "✖ failedA story" in shown
    assert "fault: microphone near-silent, to the end" in shown
    assert "again: stillthere run x" in " ".join(shown)
    assert not any(each.startswith("again:") for each in words(parsed(panel(cured()))))


def test_a_journal_alone_has_its_diagnosis():
    shown = words(parsed(panel_of_journal(deaf())))
    assert "✖ silentA session" in shown
    assert any(each.startswith("capture_dead: ") for each in shown)


def test_runs_have_one_scale_of_time():
    """The shorter run ends where its time is on the axis of the longer one, which takes the whole width."""

    def ends(*panels):
        return [
            float(each.get("x")) + float(each.get("width"))
            for each in parsed(*panels).iter(f"{SVG}rect")
            if each.findtext(f"{SVG}title", "").startswith("healed")
        ]

    long, short = ends(panel(deaf()), panel(cured()))
    left = 116
    assert long == pytest.approx(WIDTH - 16, abs=0.2)
    assert (short - left) / (long - left) == pytest.approx(24.3 / 40, abs=0.001)


SIZES = {"said": 7.5, "code": 7.3, "title": 9.6}
"""Pixels a character, measured in Chromium with DejaVu Sans, the widest of the usual fonts; others have 6.6."""


@pytest.mark.parametrize("title", ["A story", "A story of many words " * 20, "日本語の名前" * 40, "x" * 400])
@pytest.mark.parametrize("made", [deaf, cured, conversation])
def test_everything_is_inside_of_the_picture(made, title):
    drawn = parsed(panel(made(), name=title, client=title, again=f"stillthere run {title}"))
    _, _, width, height = map(float, drawn.get("viewBox").split())
    for each in (*drawn.iter(f"{SVG}rect"), *drawn.iter(f"{SVG}text")):
        x, y = float(each.get("x")), float(each.get("y"))
        assert 0 <= x <= width and 0 <= y <= height
        assert x + float(each.get("width", 0)) <= width and y + float(each.get("height", 0)) <= height
        if each.tag == f"{SVG}text" and each.get("text-anchor") is None:
            characters = sum(2 if ord(one) > 0x2E80 else 1 for one in "".join(each.itertext()))
            assert x + SIZES.get(each.get("class"), 6.6) * characters <= width


def test_spans_that_overlap_are_below_each_other():
    of = journal()
    for at_s in (1, 2, 5):
        add(of, at_s, RoomNoise, kind="typing", length_us=3 * SECOND)
    add(of, 10, RunEnded)
    bars = [each for each in parsed(panel_of_journal(of)).iter(f"{SVG}rect") if each.get("class") == "noise"]
    tops = [float(each.get("y")) for each in sorted(bars, key=lambda each: float(each.get("x")))]
    assert tops[0] == tops[2] < tops[1]


def test_zeros_are_dotted_and_no_audio_is_blank():
    of = journal()
    audio(of, MicrophoneAudio, 0, 2, 0.0)
    audio(of, MicrophoneAudio, 4, 6, 3000.0)
    add(of, 10, RunEnded)
    paths = {each.get("class"): each.get("d") for each in parsed(panel_of_journal(of)).iter(f"{SVG}path")}
    scale = (WIDTH - 116 - 16) / 10
    zeros = [float(each) for each in re.findall(r"M([\d.]+)", paths["zeros"])]
    waves = [float(each) for each in re.findall(r"M([\d.]+)", paths["wave"])]
    assert zeros == pytest.approx([116 + at * scale for at in (0, 0.5, 1, 1.5)], abs=0.1)
    assert waves == pytest.approx([116 + at * scale for at in (4, 4.5, 5, 5.5)], abs=0.1)


def test_a_day_is_not_larger_than_its_pixels():
    """A day has 172 800 half seconds and 10 800 utterances."""
    of = journal()
    audio(of, MicrophoneAudio, 0, 24 * 3600, LOUD)
    for at_s in range(0, 24 * 3600, 8):
        speaks(of, at_s, 2)
    text = draw([panel_of_journal(of)])
    assert len(text) < 300_000
    waves = re.search(r'class="wave" d="([^"]+)"', text)[1]
    assert 800 <= waves.count("M") <= WIDTH


def test_what_is_said_is_text():
    of = cured()
    add(of, 24.3, ClientTellsUser, text=EVIL)
    text = draw([panel(of, name=EVIL, client=EVIL)])
    drawn = ElementTree.fromstring(text)
    assert {each.tag.removeprefix(SVG) for each in drawn.iter()} == {
        "svg", "title", "desc", "style", "rect", "text", "tspan", "path",
    }  # fmt: skip
    assert any("<script>alert(1)</script>" in each for each in words(drawn))
    assert "\x1b" not in text


def test_of_many_events_the_first_are_listed_and_the_others_counted():
    of = cured()
    for number in range(20):
        add(of, 24.3, ClientTellsUser, text=f"message {number}")
    shown = words(parsed(panel(of)))
    distinct = len({(mark.symbol, mark.text) for mark in lanes(of).marks})
    assert f"and {distinct - MOST_MARKS} more" in shown


def test_what_the_client_logs_is_left_out_first():
    of = deaf()
    for number in range(20):
        log(of, 3 + 2.5 * number, "first_chunk", line=f"chunk {number}")
    shown = words(parsed(panel(of)))
    assert "the time is up, and nothing that was asked after the heal was answered" in shown
    assert "the client logs: chunk 1" in shown and "the client logs: chunk 19" not in shown


def test_the_same_run_gives_the_same_bytes():
    assert draw([panel(deaf())]) == draw([panel(deaf())])


# --- both themes ----------------------------------------------------------------------------------------------------


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    """As WCAG 2 computes it."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_can_be_read_on_its_ground(theme):
    light, _, dark = STYLE.partition("@media (prefers-color-scheme:dark)")
    assert dark
    rules = dict(re.findall(r"\.?([a-z]+)\{fill:(#[0-9a-f]{6})", light if theme == "light" else dark))
    grounds = ["paper", "plain", "user", "server", "answer", "fault", "worst", "noise"]
    for ground in grounds:
        assert contrast(rules["text"], rules[ground]) >= 4.5, ground
    for text in ("soft", "good", "bad", "warn", "act", "tick"):
        assert contrast(rules[text], rules["paper"]) >= 4.5, text
    assert contrast(rules["wave"], rules["paper"]) >= 3
