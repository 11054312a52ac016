"""``--over``: what is put into a scenario."""

import pytest

from harness.errors import SettingError
from harness.scenario import load
from harness.scenario.model import Noise, Say
from harness.search.sweep.variants import Variant, check_variants, read_variants

KEYBOARD = load("keyboard_in_assistant_tail")
QUIET = load("quiet_speaker_gated_out")


def says(scenario):
    return [step.action for step in scenario.timeline if isinstance(step.action, Say)]


def noises(scenario):
    return [step.action for step in scenario.timeline if isinstance(step.action, Noise)]


def test_all_combinations():
    found = read_variants(["speaker=speech_en_m_goforward|own,level=-42|-36dBFS", "noise=none|thocks@-30dBFS"])
    assert len(found) == 8
    assert found[0] == Variant("speech_en_m_goforward", -42.0, "none")
    assert found[-1] == Variant(None, -36.0, "thocks@-30dBFS")


def test_nothing_leaves_the_scenario_as_it_is():
    assert read_variants([]) == (Variant(),)
    assert Variant().put(KEYBOARD) is KEYBOARD


def test_a_range_of_levels():
    assert [each.level_dbfs for each in read_variants(["level=-42..-30dBFS:3"])] == [-42.0, -36.0, -30.0]


def test_all_speakers_are_the_shipped_voices_without_the_assistants():
    found = {each.speaker for each in read_variants(["speaker=all"])}
    assert {"speech_en_m_goforward", "speech_it_m_carlo"} <= found
    assert "speech_en_f_tts_hibari" not in found
    assert all(name.startswith("speech_") for name in found)


def test_speaker_and_level_of_all_that_is_said():
    put = Variant("speech_it_m_carlo", -40.0).put(KEYBOARD)
    assert {(each.clip, each.level_dbfs) for each in says(put)} == {("speech_it_m_carlo", -40.0)}
    assert noises(put) == noises(KEYBOARD)
    assert put.outcomes == {}, "what is known of the scenario is not known of this one"


def test_a_noise_is_replaced_or_only_its_level_or_silenced():
    (own,) = noises(KEYBOARD)
    (other,) = noises(Variant(noise="hum@-35dBFS").put(KEYBOARD))
    assert (other.kind, other.level_dbfs, other.peak_lsb, other.lasts_us) == ("hum", -35.0, None, own.lasts_us)
    (softer,) = noises(Variant(noise="@-50dBFS").put(KEYBOARD))
    assert (softer.kind, softer.level_dbfs) == (own.kind, -50.0)
    (none,) = noises(Variant(noise="none").put(KEYBOARD))
    assert none.level_dbfs == -120.0


def test_a_noise_is_added_to_a_scenario_without_any():
    assert noises(QUIET) == []
    (added,) = noises(Variant(noise="keyboard@-40dBFS").put(QUIET))
    assert (added.kind, added.level_dbfs) == ("keyboard", -40.0)
    assert added.lasts_us >= 10_000_000, "the second thing is said at 10 s"
    assert noises(Variant(noise="none").put(QUIET)) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("volume=-42", "--over 'volume=-42' is not NAME=A|B|C with speaker, level or noise"),
        ("level", "give values, such as level=-42|-36|-30"),
        ("level=-42|loud", "write a level with its unit"),
        ("level=-42..-30", "say how many levels, such as -42..-30dBFS:3"),
        ("level=12", "a level is between -120 and 0 dBFS"),
        ("speaker=speech_en_m_goforwad", "did you mean 'speech_en_m_goforward'?"),
        ("noise=keybord", "did you mean 'keyboard'"),
        ("level=-42,level=-30", "--over level occurs twice; give all its values in one, divided by |"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(text, told):
    with pytest.raises(SettingError) as error:
        read_variants([text])
    assert told in str(error.value)


def test_a_scenario_in_which_nobody_speaks_has_no_level():
    silent = Variant().put(KEYBOARD).__class__("Nobody", ())
    with pytest.raises(SettingError, match="nobody speaks in 'Nobody'"):
        check_variants(read_variants(["level=-42"]), [silent])
