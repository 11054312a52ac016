"""The chain from what was said to what was heard: each cause breaks one link."""

import pytest

from harness.causes import CAUSES
from harness.picture.chain import BREAKS, chain, diagnosis, evidence, moment
from harness.verdict.diagnosis import diagnose
from harness.verdict.links import CHAIN, LINKS, Diagnosis
from tests.report.testing import deaf


def states(found, **more):
    """The states of the links, a letter each: works, broken, after, unknown."""
    return "".join(each["state"][0] for each in chain(found, **more))


def test_each_cause_breaks_one_link():
    assert set(BREAKS) == set(CAUSES) and set(BREAKS.values()) <= set(CHAIN)


@pytest.mark.parametrize(
    ("cause", "link"),
    [
        ("capture_dead", "captured"),
        ("gate_closed", "sent"),
        ("half_open", "arrived"),
        ("vad_deaf", "heard"),
        ("turn_lost", "answered"),
        ("server_mute", "delivered"),
        ("playback_suspended", "played"),
    ],
)
def test_the_links_before_it_work_if_they_were_seen_to_and_nothing_reaches_those_after_it(cause, link):
    place = CHAIN.index(link)
    seen = Diagnosis(cause, (), works_until=CHAIN[place - 1])
    assert [each["link"] for each in chain(seen)] == list(CHAIN)
    assert states(seen) == "w" * place + "b" + "a" * (len(CHAIN) - place - 1)
    assert states(Diagnosis(cause, ())) == "u" * place + "b" + "a" * (len(CHAIN) - place - 1)


@pytest.mark.parametrize(
    ("cause", "works_until", "expected"),
    [
        ("client_waiting", "captured", "wwbaaaaa"),  # it has no connection: nothing was sent, arrived or was heard
        ("client_waiting", "delivered", "wwwwwwwb"),  # the answer has arrived whole
        ("clock_frozen", "spoken", "wubaaaaa"),  # the capture delivers no chunk
        ("clock_frozen", "arrived", "wwbaaaaa"),
        ("app_ended", "spoken", "wubaaaaa"),
        ("events_lost", "sent", "wwwbaaaa"),
        ("events_lost", "heard", "wwwwwuba"),
        ("media_lost", "answered", "wwwwwwba"),
        ("server_mute", "arrived", "wwwwuuba"),
    ],
)
def test_a_link_that_was_not_seen_to_work_is_not_said_to(cause, works_until, expected):
    assert states(Diagnosis(cause, (), works_until=works_until)) == expected


def test_a_server_knows_what_was_spoken_and_captured_only_if_speech_arrived():
    assert states(Diagnosis("half_open", (), works_until="sent"), heard_by_user=False) == "uuwbaaaa"
    assert states(Diagnosis("half_open", (), works_until="sent")) == "wwwbaaaa"
    assert states(Diagnosis("vad_deaf", (), works_until="arrived"), heard_by_user=False) == "wwwwbaaa"
    assert states(Diagnosis("unreachable", ()), heard_by_user=False) == "uubaaaaa"


def test_the_links_are_tested_in_the_order_of_the_chain():
    places = [CHAIN.index(link) for name, link in LINKS.items() if link is not None and name.__name__ != "unheard"]
    assert places == sorted(places)


def test_without_a_silence_no_link_is_broken():
    assert {each["state"] for each in chain(Diagnosis(None, (), "answered"))} == {"works"}
    assert {each["state"] for each in chain(Diagnosis(None, (), "quiet"))} == {"unknown"}


@pytest.mark.parametrize(
    ("sentence", "at"),
    [
        ("the user spoke at -13 dBFS from 40.670 s", 40_670),
        ("the server's response.done of 7.100 s did not arrive", 7_100),
        ("the client has had no connection since 12.000 s", 12_000),
        ("3.2 s of the audio that was sent had not arrived at 9.500 s", 9_500),
        ("the microphone delivered 200 chunks that peak at 96 of 32768", None),
        ("an answer after 0.7 s", None),
    ],
)
def test_evidence_leads_to_the_moment_that_it_names(sentence, at):
    assert moment(sentence) == at
    assert evidence([sentence]) == [{"text": sentence, "at": at}]


def test_a_diagnosis_says_since_when_and_in_words():
    told = diagnosis(diagnose(deaf()))
    assert (told["state"], told["cause"], told["since"]) == ("silent", "capture_dead", 29_000)
    assert told["words"] == CAUSES["capture_dead"]
    assert [each["state"] for each in told["chain"][:3]] == ["works", "broken", "after"]
