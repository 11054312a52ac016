"""The dialects by name, and the GA dialect, which is the codec as it is."""

import pytest

from harness.errors import ProtocolError, SettingError
from harness.protocol import codec
from harness.protocol.dialects import DIALECTS, Dialect, find
from harness.protocol.events import InputAudioBufferCleared, InputAudioBufferCommit
from harness.server.config import SessionConfig
from harness.server.policy import ServerPolicy


@pytest.mark.parametrize("name", DIALECTS)
def test_a_dialect_has_its_name_and_what_the_shell_must_set(name):
    dialect: Dialect = find(name)
    assert dialect.name == name
    assert ServerPolicy().changed(**dialect.policy)
    SessionConfig("sess_1", "gpt-realtime", {}, 0).update({"type": "realtime", **dialect.session})


def test_an_unknown_dialect_gets_a_suggestion():
    with pytest.raises(SettingError, match=r"no dialect is called 'gaa'; did you mean 'ga'\?"):
        find("gaa")


def test_each_connection_has_a_dialect_of_its_own():
    assert find("beta") is not find("beta")


def test_ga_is_the_codec():
    ga = find("ga")
    assert (dict(ga.policy), dict(ga.session)) == ({}, {})
    assert ga.decode('{"type": "input_audio_buffer.commit"}') == InputAudioBufferCommit()
    event = InputAudioBufferCleared(event_id="event_1")
    assert ga.encode(event) == [codec.encode(event)]
    with pytest.raises(ProtocolError, match="Supported values are: "):
        ga.decode('{"type": "transcription_session.update", "session": {}}')
