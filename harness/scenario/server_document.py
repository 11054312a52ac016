"""The ``server:`` of a scenario file: its detection, its policies and its answers."""

from collections.abc import Iterator
from typing import Any

from pydantic import Field

from ..server.detection import SEMANTIC
from ..server.services import policy_of
from ..server.transcription_models import is_transcriber, is_translator
from . import values
from .map import Loc, Map, Mistake
from .model import Reply, ServerSetup
from .reply_document import ReplyDocument, ReplyRuleDocument
from .reply_rules import reply_mistakes


class TurnDetectionDocument(Map):
    """Defaults of a new session, named as in the protocol."""

    type: values.OptionalKey[values.YamlDetectionType] = None
    """The kind of turn detection."""
    threshold: values.OptionalKey[values.YamlFraction] = None
    """The probability from which a frame is speech."""
    prefix_padding_ms: values.OptionalKey[values.YamlPaddingMs] = None
    """Audio before the start of speech that belongs to the turn."""
    silence_duration_ms: values.OptionalKey[values.YamlSilenceMs] = None
    """Silence that ends a turn."""
    idle_timeout_ms: values.YamlIdleTimeoutMs = None
    """After this much silence the server responds by itself; null: never."""
    eagerness: values.OptionalKey[values.YamlEagerness] = None
    """How soon a semantic turn ends."""
    create_response: values.OptionalKey[values.YamlFlag] = None
    """Whether each turn gets a response automatically."""
    interrupt_response: values.OptionalKey[values.YamlFlag] = None
    """Whether speech cancels the answer."""


class ServerDocument(Map):
    """The server that the scenario is played against."""

    detector: values.OptionalKey[values.YamlDetectorName] = None
    """The detector of speech in audio."""
    session: values.OptionalKey[values.YamlSession] = None
    """The kind of session: realtime is a conversation, transcription writes down what is said and answers nothing."""
    model: values.OptionalKey[values.YamlName] = None
    """The model that sessions report. Of a transcription session: one that transcribes from the start."""
    turn_detection: values.OptionalKey[TurnDetectionDocument] = None
    """Defaults of a new session."""
    service: values.OptionalKey[values.YamlService] = None
    """Whose service it is: openai, the default, or azure, which differs in switches of the policy."""
    policy: values.YamlPolicy = Field(default_factory=dict)
    """Switches for behaviour of the service that is unknown, or was reported broken."""
    reply: values.OptionalKey[ReplyDocument] = None
    """The answer where no rule matches."""
    replies: values.OptionalKey[list[ReplyRuleDocument]] = None
    """Answers to certain turns, words, instructions, tools or results; the first rule that matches decides."""
    transcripts: values.OptionalKey[list[values.YamlTranscript]] = None
    """The words of the user's turns, in order; a failure in angle brackets is a transcription that fails."""
    lasts: values.OptionalKey[values.YamlDurationRange] = None
    """When a session expires; default 60 min."""

    def setup(self) -> ServerSetup:
        """The server of the model."""
        return ServerSetup(
            **self.given(detector="detector", session="session", model="model", lasts_us="lasts"),
            turn_detection=self.turn_detection.model_dump(exclude_unset=True) if self.turn_detection else {},
            policy=policy_of(self.service or "openai").changed(**self.policy),
            reply=self.reply.reply() if self.reply else Reply(),
            replies=tuple(rule.rule() for rule in self.replies or ()),
            transcripts=tuple(self.transcripts or ()),
        )


def server_mistakes(server: dict[str, Any], loc: Loc) -> Iterator[Mistake]:
    """Mistakes across the keys of ``server:``, given as plain data of the file."""
    detection = server.get("turn_detection")
    if isinstance(detection, dict) and detection.get("type") == "semantic_vad":
        for key in detection:
            if key not in SEMANTIC:
                yield Mistake((*loc, "turn_detection", key), f"{key!r} goes with server_vad only", True)
    elif isinstance(detection, dict) and "eagerness" in detection:
        yield Mistake((*loc, "turn_detection", "eagerness"), "'eagerness' goes with type: semantic_vad", True)
    yield from _transcription_mistakes(server, loc)
    yield from reply_mistakes(server, loc)


def _transcription_mistakes(server: dict[str, Any], loc: Loc) -> Iterator[Mistake]:
    model = server.get("model")
    if server.get("session") != "transcription":
        if isinstance(model, str) and (is_transcriber(model) or is_translator(model)):
            yield Mistake(
                (*loc, "model"), f"{model!r} holds no conversation; add session: transcription, or name another"
            )
        return
    for key in ("reply", "replies"):
        if key in server:
            yield Mistake((*loc, key), f"a transcription session has no {key!r}: it answers nothing", True)
    if isinstance(model, str) and not is_transcriber(model):
        yield Mistake((*loc, "model"), f"{model!r} does not transcribe; name one that does, or leave it to the client")
