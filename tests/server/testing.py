"""Names of events and stretches of a conversation that several files of tests start from."""

import base64

from tests.server.playbook import Playbook, append, passes, says, silence, some, speech

TURN = speech(3) + silence(7)
"""Three frames of speech, then the seven frames (224 ms) in which 200 ms of silence are complete."""
STARTED, STOPPED = "input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped"
COMMITTED, CLEARED = "input_audio_buffer.committed", "input_audio_buffer.cleared"
ADDED, DONE = "conversation.item.added", "conversation.item.done"
DELTA = "response.output_audio.delta"
TRANSCRIPT = "response.output_audio_transcript.delta"
OPENING = ("response.output_item.added", ADDED, "response.content_part.added")


def turn_taken(play, user, previous=None, **stopped):
    """The burst at the end of a user's turn, up to the user's item."""
    return (
        play
        << says(STOPPED, item_id=user, **stopped)
        << says(COMMITTED, item_id=user, previous_item_id=previous)
        << says(ADDED, previous_item_id=previous, item={"id": user, "role": "user", "status": "completed"})
        << says(DONE, previous_item_id=previous, item={"id": user, "role": "user"})
    )


def talking(**options):
    """A playbook in the middle of an answer to a turn: opened, and one delta of audio (100 ms) sent."""
    play = Playbook(**options) >> append(TURN)
    play << some(STARTED, STOPPED, "input_audio_buffer.committed", ADDED, DONE) << says("response.created")
    return play >> passes(400) << some(*OPENING, TRANSCRIPT, DELTA)


def audio_ms(play):
    """How much audio the deltas hold (PCM at 24 kHz: 48 bytes a millisecond)."""
    return sum(len(base64.b64decode(event["delta"])) for event in play.said if event["type"] == DELTA) / 48
