from harness.units import MS, SECOND
from harness.world.hands import Hands
from harness.world.scheduler import Scheduler


def presses(*utterances):
    """When the button is pressed and released, in ms, if utterances of a length begin at these times (s)."""
    scheduler, told = Scheduler(), []
    hands = Hands(scheduler, lambda button: told.append((scheduler.now // MS, button.pressed)))
    for begin_s, length_s in utterances:
        scheduler.at(round(begin_s * SECOND), lambda length: hands.speaks(scheduler.now, length), length_s * SECOND)
    scheduler.run()
    return told


def test_the_button_is_pressed_at_once_and_released_a_little_late():
    assert presses((1, 2), (5, 1)) == [(1000, True), (3150, False), (5000, True), (6150, False)]


def test_it_stays_pressed_while_one_utterance_goes_over_into_the_next():
    assert presses((1, 2), (2, 3)) == [(1000, True), (5150, False)]
    assert presses((1, 2), (3.1, 1)) == [(1000, True), (4250, False)]
    assert presses((1, 4), (2, 1)) == [(1000, True), (5150, False)]


def test_it_is_released_once_if_two_utterances_end_together():
    assert presses((1, 3), (2, 2)) == [(1000, True), (4150, False)]
