"""Every recording is told apart from every other, however the audio is changed on its way; noise is taken for none."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.audio import NOISES, PCMA, PCMU, AudioFormat, Clip, Samples, clip_names, load_clip, resample
from harness.audio.envelope import band_energies
from harness.audio.recognition import Heard, Recogniser, recognise, words_within
from harness.units import SECOND

SPOKEN = [name for name in clip_names() if load_clip(name).speech_us]
OTHER = [name for name in clip_names() if name not in SPOKEN]
HALF_A_SECOND = np.zeros(12_000, np.int16)
CHUNK = 480


def room(samples: Samples) -> Samples:
    """With noise of -62 dBFS."""
    noise = np.random.default_rng(7).normal(0, 32768 * 10 ** (-62 / 20), samples.size)
    return np.clip(samples + noise, -32768, 32767).astype(np.int16)


def gated(samples: Samples) -> Samples:
    """Chunks of 20 ms with an RMS under 0.03, the threshold of the report, are zeros."""
    chunks = samples[: samples.size // CHUNK * CHUNK].reshape(-1, CHUNK).astype(np.int16).copy()
    chunks[np.sqrt(np.square(chunks.astype(float)).mean(axis=1)) < 0.03 * 32768] = 0
    return chunks.reshape(-1)


def telephone(audio_format: AudioFormat) -> Callable[[Samples], Samples]:
    return lambda samples: audio_format.decode(audio_format.encode(resample(samples, 24_000, 8_000)))


def quiet(samples: Samples) -> Samples:
    return (samples * 0.1).astype(np.int16)


def part(first: float, last: float) -> Callable[[Clip], Samples]:
    """A share of the labelled speech, cut out."""

    def cut(clip: Clip) -> Samples:
        start, end = clip.speech_us[0][0], clip.speech_us[-1][1]
        at = [round((start + share * (end - start)) * 24_000 / SECOND) for share in (first, last)]
        return clip.samples[at[0] : at[1]]

    return cut


WHOLE: Callable[[Clip], Samples] = lambda clip: clip.samples  # noqa: E731
TOO_LITTLE = {("speech_en_m_goforward", "last 60 %, room, gated")}
"""The gate lets less than 200 ms of it pass."""
Way = tuple[Callable[[Clip], Samples], tuple[Callable[[Samples], Samples], ...], int]
WAYS: dict[str, Way] = {
    "clean": (WHOLE, (), 24_000),
    "-20 dB": (WHOLE, (quiet,), 24_000),
    "gated": (WHOLE, (gated,), 24_000),
    "mu-law": (WHOLE, (telephone(PCMU),), 8_000),
    "A-law": (WHOLE, (telephone(PCMA),), 8_000),
    "room": (WHOLE, (room,), 24_000),
    "-20 dB, room, mu-law": (WHOLE, (quiet, room, telephone(PCMU)), 8_000),
    "first 60 %": (part(0, 0.6), (), 24_000),
    "last 60 %": (part(0.4, 1), (), 24_000),
    "last 60 %, room, gated": (part(0.4, 1), (room, gated), 24_000),
    "middle 30 %": (part(0.35, 0.65), (room,), 24_000),
    "first 20 %": (part(0, 0.2), (room,), 24_000),
}


def heard_in(samples: Samples, rate_hz: int = 24_000) -> tuple[Heard, ...]:
    return recognise(band_energies(samples, rate_hz))


def on_its_way(name: str, way: str, offset: int) -> tuple[Heard, ...]:
    cut, changes, rate_hz = WAYS[way]
    samples = np.concatenate([HALF_A_SECOND[offset:], cut(load_clip(name)), HALF_A_SECOND])
    for change in changes:
        samples = change(samples)
    return heard_in(samples, rate_hz)


def test_the_confusion_table() -> None:
    """All recordings on all ways, at different offsets from the blocks: every cell must be its row."""
    lines, wrong = [f"{'':26}{' | '.join(WAYS)}"], []
    for index, name in enumerate(SPOKEN):
        found = {way: [each.clip for each in on_its_way(name, way, 23 * index)] for way in WAYS}
        cells = ["ok" if clips == [name] else " ".join(clips) or "none" for clips in found.values()]
        lines.append(f"{name:26}{' | '.join(cells)}")
        wrong += [(name, way) for way, clips in found.items() if clips != ([] if (name, way) in TOO_LITTLE else [name])]
    table = "\n".join(lines)
    print(f"\n{table}")
    assert not wrong, table


@pytest.mark.slow
@pytest.mark.parametrize(("way", "least"), [((), 0.95), ((room, gated), 0.7), ((quiet, room, telephone(PCMU)), 0.7)])
def test_a_second_of_a_recording_is_enough_mostly(way: tuple[Callable[[Samples], Samples], ...], least: float) -> None:
    """At random places, which may be in a pause; what is not recognised is nothing, never another recording."""
    random = np.random.default_rng(3)
    right = wrong = 0
    for name in SPOKEN * 12:
        clip = load_clip(name)
        at = int(random.uniform(clip.speech_us[0][0], clip.speech_us[-1][1] - SECOND) * 24_000 / SECOND)
        samples = np.concatenate([HALF_A_SECOND, clip.samples[at : at + 24_000], HALF_A_SECOND])
        for change in way:
            samples = change(samples)
        found = [each.clip for each in heard_in(samples, 8_000 if len(way) == 3 else 24_000)]
        right += found == [name]
        wrong += found not in ([name], [])
    assert wrong == 0
    assert right / (12 * len(SPOKEN)) >= least


@pytest.mark.parametrize("name", OTHER)
@pytest.mark.parametrize(
    "change", [lambda samples: samples, quiet, room, gated], ids=["clean", "quiet", "room", "gated"]
)
def test_a_recording_without_speech_is_none(name: str, change: Callable[[Samples], Samples]) -> None:
    assert heard_in(change(load_clip(name).samples)) == ()


@pytest.mark.slow
@pytest.mark.parametrize("noise", NOISES)
@pytest.mark.parametrize("seed", range(4))
def test_synthesised_noise_and_babble_are_none(noise: str, seed: int) -> None:
    assert heard_in(NOISES[noise](4 * SECOND, seed)) == ()
    assert heard_in(NOISES[noise](1 * SECOND, seed)) == ()


@given(st.integers(0, 2**32 - 1), st.integers(1, 8))
def test_shuffled_speech_is_none(seed: int, parts: int) -> None:
    """Property: pieces of 30 ms of a recording in another order are not that recording."""
    samples = load_clip("speech_en_m_librivox_0920").samples[: 144_000 * parts // 8]
    pieces = samples[: samples.size // 720 * 720].reshape(-1, 720)
    assert heard_in(np.random.default_rng(seed).permutation(pieces).reshape(-1)) == ()


def test_speech_backwards_is_none() -> None:
    assert [heard_in(load_clip(name).samples[::-1]) for name in SPOKEN] == [()] * len(SPOKEN)


def test_silence_and_too_little_are_none() -> None:
    assert heard_in(HALF_A_SECOND) == heard_in(HALF_A_SECOND[:0]) == ()
    assert heard_in(load_clip("speech_en_m_jfk1961").samples[24_000:26_400]) == ()


def test_several_recordings_in_a_row_with_noise_between() -> None:
    names = ["speech_en_m_goforward", "speech_en_f_arctic_a0009", "speech_it_m_carlo", "speech_en_m_cards_clipped"]
    pieces = [load_clip(name).samples for name in names]
    typing = load_clip("keyboard_typing_anton").samples[:48_000]
    found = heard_in(np.concatenate([typing, pieces[0], HALF_A_SECOND, pieces[1], pieces[2], typing, pieces[3]]))
    assert [each.clip for each in found] == names
    recogniser = Recogniser()
    for piece in (pieces[0], pieces[2], pieces[1]):
        recogniser.hear(piece, 24_000)
    assert recogniser.words() == "Go forward ten meters. He turned sharply, and faced Gregson across the table."
    recogniser.forget()
    assert recogniser.words() is None


def test_speech_over_a_keyboard() -> None:
    speech, typing = load_clip("speech_en_m_arctic_a0007").samples, load_clip("keyboard_keys_mx_blue").samples
    (found,) = heard_in(np.clip(speech.astype(int) + typing[: speech.size], -32768, 32767).astype(np.int16))
    assert found.words == "And you always want to see it in the superlative degree."


def test_where_it_was() -> None:
    clip = load_clip("speech_en_m_jfk1961")
    (found,) = heard_in(np.concatenate([HALF_A_SECOND, HALF_A_SECOND, clip.samples[48_000:]]))
    assert abs(found.at_us - (-1 * SECOND)) <= 10_000
    assert abs(found.from_us - 2 * SECOND) <= 400_000, "the cut is at two seconds, in a pause of about 0.3 s"
    assert found.until_us > clip.speech_us[-1][1] - 100_000


# --- words ------------------------------------------------------------------------------------------------------------

ALIGNED = {1.58: 4, 2.71: 7, 4.33: 11, 5.46: 15}
"""Ends of words in ``speech_en_m_librivox_0870``, in seconds: ... Dashwood, leisure, much, prudently. From the forced
alignment in its source."""


@pytest.mark.parametrize(("at_s", "words"), ALIGNED.items())
def test_the_words_of_a_part_are_right_to_a_word_or_so(at_s: float, words: int) -> None:
    said = words_within(load_clip("speech_en_m_librivox_0870"), 0, round(at_s * SECOND))
    assert said is not None and abs(len(said.split()) - words) <= 2


@given(st.sampled_from(SPOKEN), st.lists(st.integers(0, 11_000_000), max_size=4))
def test_consecutive_parts_have_all_words_once(name: str, cuts: list[int]) -> None:
    """Property: wherever a recording is cut, its parts add up to its transcript."""
    clip = load_clip(name)
    bounds = [0, *sorted(cuts), 12_000_000]
    parts = [words_within(clip, *pair) for pair in pairwise(bounds)]
    if clip.transcript is None:
        assert set(parts) == {None}
    else:
        assert " ".join(" ".join(said for said in parts if said).split()) == clip.transcript


AT_PAUSES = [
    ("speech_en_m_jfk1961", [3, 3.85, 5, 8], ["And so, my fellow Americans:", "ask", "not",
        "what your country can do for you;", "ask what you can do for your country."]),
    ("speech_en_f_tts_hibari", [2], ["Hello, can you hear me?",
        "I would like to book a table for two at seven tonight."]),
]  # fmt: skip
"""What a listener hears between the pauses, which are at these seconds."""


@pytest.mark.parametrize(("name", "pauses_s", "parts"), AT_PAUSES)
def test_what_is_parted_by_pauses_has_just_its_words(name: str, pauses_s: list[float], parts: list[str]) -> None:
    clip = load_clip(name)
    bounds = [0, *(round(at * SECOND) for at in pauses_s), clip.duration_us]
    assert [words_within(clip, *pair) for pair in pairwise(bounds)] == parts


def test_words_of_recordings_that_nobody_wrote_down_are_unknown() -> None:
    recogniser = Recogniser()
    recogniser.hear(load_clip("speech_it_m_carlo").samples, 24_000)
    assert recogniser.words() is None


def test_pauses_hold_no_words() -> None:
    """John F. Kennedy's first pause ends three seconds in."""
    clip = load_clip("speech_en_m_jfk1961")
    gaps = [(end, start) for (_, end), (start, _) in pairwise(clip.speech_us)]
    assert gaps and all(words_within(clip, *gap) == "" for gap in gaps)
