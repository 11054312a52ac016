from dataclasses import replace

import numpy as np
import pytest

from harness.clients.interface import Play
from harness.journal import SpeakerEnded
from harness.verdict.properties.output_level import PROPERTY
from harness.verdict.record import RunRecord
from tests.verdict.journals import Tale
from tests.world.testing import SECOND, Open, at, inject, run, say, story


def findings(journal):
    return list(PROPERTY.find(RunRecord(journal)))


def played(*gains_db, said_s=()):
    """Answers of 2 s that end at 5, 10, 15 … s; ``None``: as loud as sent."""
    tale = Tale()
    for number, gain_db in enumerate(gains_db):
        fields = {} if gain_db is None else {"gain_db": gain_db}
        tale.add(5 * number + 5, SpeakerEnded, response_id=f"r{number}", played_ms=2_000, audible_ms=1_500, **fields)
    for at_s in said_s:
        tale.speaks(at_s, probe=False)
    return findings(tale.end())


def test_two_quiet_answers_in_a_row_break_it():
    (finding,) = played(None, -18.0, -20.0, None)
    assert finding.at_us == 15 * SECOND
    assert "from 8.000 s on 2 answers in a row were played 18.0 dB or more quieter" in finding.reason


def test_quiet_to_the_end_breaks_it():
    (finding,) = played(None, None, -18.0)
    assert finding.reason.endswith("to the end of the run")


@pytest.mark.parametrize("gains_db", [(None, -18.0, None), (-11.0, -11.0), (6.0, 6.0), ()])
def test_one_quiet_answer_a_little_quieter_and_louder_ones_do_not(gains_db):
    assert not played(*gains_db)


def test_an_answer_that_is_turned_down_while_the_user_speaks_does_not():
    assert not played(None, -18.0, said_s=(9,))


class Whispers(Open):
    """Turns the output down by 18 dB for good."""

    def receive(self, event, now):
        plays = super().receive(event, now)
        return [replace(play, audio=_quieter(play.audio)) if isinstance(play, Play) else play for play in plays]


def _quieter(audio):
    return np.rint(np.frombuffer(audio, "<i2") * 10 ** (-18 / 20)).astype("<i2").tobytes()


def test_a_client_that_stays_turned_down_breaks_it():
    (finding,) = findings(run(story(say(1)), Whispers()).journal)
    assert "dB or more quieter" in finding.reason


@pytest.mark.parametrize("client", ["reported", "development", "resilient"])
def test_the_reference_clients_keep_it(client):
    assert not findings(run(story(say(1), say(9), at(10, inject("closed"))), client).journal)
