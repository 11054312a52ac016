"""A page in its world, without a browser: what is asked of it, and what nobody imitates meanwhile."""

import pytest

from harness.apps.browser.page_app import PageApp
from harness.apps.browser.stage import check_acts
from harness.errors import InputError
from harness.journal import FaultInjected, Journal, MicrophoneAudio, SpeakerResumed, SpeakerSuspended, UserSpeaks
from harness.scenario import loads
from harness.scenario.profiles import PROFILES
from harness.units import SECOND
from harness.verdict.record import RunRecord
from harness.world.world import World

SWITCH = """
scenario: A switch
lasts: 6s
recover within: 1s
timeline:
  - {{at: 1s, app: background, lasts: 2s, {how}}}
"""


class Hands:
    """Notes what is asked for, and does nothing."""

    def __init__(self):
        self.asked = []

    def begin(self, does, text=""):
        self.asked.append(does)

    def end(self, does):
        self.asked.append(f"end {does}")


def staged(scenario):
    """A world with a page in it, and the hands of its browser."""
    hands = Hands()

    def page(around):
        found = PageApp(around, infers_speaker=False)
        found.acting = hands
        return found

    return World(scenario, page, "energy", 0, Journal({}), chunk_us=20_000), hands


def played(scenario, *, steps_after_us=0):
    world, hands = staged(scenario)
    world.begin(with_steps=not steps_after_us)
    if steps_after_us:
        world.scheduler.at(steps_after_us, lambda _: world.begin_steps(steady=True))
    world.scheduler.run()
    world.end()
    return world.journal, hands


@pytest.mark.parametrize("profile", PROFILES)
def test_every_profile_has_something_that_the_browser_does(profile):
    journal, hands = played(loads(SWITCH.format(how=f"as: {profile}")))
    assert hands.asked and hands.asked[-1].startswith("end ")
    kinds = {entry.kind for entry in journal.select(FaultInjected)}
    assert "stall" not in kinds and "reset" not in kinds, "a page that is really frozen loses its own socket"


def test_what_the_browser_does_to_the_capture_is_not_imitated():
    journal, _ = played(loads(SWITCH.format(how="as: electron")))
    assert min(entry.chunks for entry in list(journal.select(MicrophoneAudio))[:-1]) > 20
    journal, _ = played(loads(SWITCH.format(how="as: bluetooth-headset")))
    assert "near-silent" in {entry.kind for entry in journal.select(FaultInjected)}, "that, the system does"


@pytest.mark.parametrize(
    ("how", "asked"),
    [
        ("playback: suspended", ["suspend-playback", "hide", "end hide"]),
        ("capture: suspended", ["hide", "suspend-capture", "end hide", "end suspend-capture"]),
        ("as: safari-ios", ["suspend-playback", "hide", "end hide"]),
    ],
)
def test_contexts_are_suspended_and_only_a_capture_is_resumed(how, asked):
    _, hands = played(loads(SWITCH.format(how=how)))
    assert hands.asked == asked


def test_the_output_is_suspended_when_its_context_is_and_not_before():
    journal, _ = played(loads(SWITCH.format(how="playback: suspended")))
    assert list(journal.select(SpeakerSuspended)) == []


def test_what_still_comes_of_a_suspended_output_is_not_its_resumption():
    world, _ = staged(loads(SWITCH.format(how="as: electron")))
    page = world.tested
    page.output_runs(False)
    page.plays(b"\1\1" * 480)
    assert list(world.journal.select(SpeakerResumed)) == []
    world.scheduler.at(2 * SECOND, lambda _: page.plays(b"\1\1" * 480))
    world.scheduler.at(2 * SECOND, lambda _: world.scheduler.stop())
    world.scheduler.run()
    assert len(list(world.journal.select(SpeakerResumed))) == 1, "whatever its contexts say, it is heard"


def test_steps_count_from_when_the_page_is_steady():
    scenario = loads(
        "scenario: Late\nlasts: 4s\nrecover within: 1s\ntimeline:\n  - {at: 1s, say: babble, lasts: 1s}\n"
        "expect:\n  - speech_started: {within: 1200ms}\n"
    )
    journal, _ = played(scenario, steps_after_us=3 * SECOND)
    said = next(iter(journal.select(UserSpeaks)))
    assert said.t == 4 * SECOND
    assert RunRecord(journal).steps_begun_us == 3 * SECOND
    assert RunRecord(journal).healed_us == 7 * SECOND


def test_a_step_has_an_end_and_happens_once():
    scenario = loads(
        "scenario: Acts\nlasts: 4s\nrecover within: 1s\ntimeline:\n  - {at: 1s, page: freeze, lasts: 2s}\n"
        "  - {at: 2s, page: deny}\n"
    )
    _, hands = played(scenario)
    assert hands.asked == ["freeze", "deny", "end freeze"]


def test_what_a_sound_server_does_needs_one():
    scenario = loads("scenario: Quiet\ntimeline:\n  - {at: 1s, page: volume -20 dB, lasts: 1s}\n")
    check_acts(scenario, "pulse")
    with pytest.raises(InputError, match="`page: volume` is done by a sound server; play it with --device pulse"):
        check_acts(scenario, "none")
