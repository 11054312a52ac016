"""The names of properties, and the choices for them."""

import pytest

from harness.errors import SettingError
from harness.properties import PROPERTY_NAMES, check_choices
from harness.verdict.properties import PROPERTIES


def test_the_registry_has_properties_of_these_names_in_their_order():
    assert list(PROPERTIES) == [name for name in PROPERTY_NAMES if name in PROPERTIES]
    assert {"never_silent_forever", "keeps_answering"} <= PROPERTIES.keys()


@pytest.mark.parametrize(
    ("choices", "sentence"),
    [
        ({"words_lots": "fail"}, "no property is called 'words_lots'; did you mean 'words_lost'?"),
        ({"words_lost": "error"}, "the property words_lost is set to 'error'; use off, warn or fail"),
    ],
)
def test_a_wrong_name_or_choice_is_a_mistake(choices, sentence):
    with pytest.raises(SettingError) as raised:
        check_choices(choices)
    assert str(raised.value) == sentence


def test_every_choice_of_every_property_is_accepted():
    for choice in ("off", "warn", "fail"):
        check_choices(dict.fromkeys(PROPERTY_NAMES, choice))
