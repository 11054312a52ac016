"""The values of a scenario file: how each is read, and its JSON Schema.

A reader takes the plain data of the file and returns the value, or raises :exc:`ValueError` with one sentence that
holds the value and the cure. The types ``Yaml…`` join a reader to its JSON Schema, for the fields of the documents.
"""

import json
import re
from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, cast, get_args, get_type_hints

import msgspec
from pydantic import (
    AfterValidator,
    BeforeValidator,
    GetCoreSchemaHandler,
    PlainValidator,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core import CoreSchema

from .. import quantities
from ..audio import NOISES
from ..audio.audio_files import ENCODINGS, MOST_CHANNELS, RawFormat
from ..audio.clips import clip_names, is_file_name, load_clip
from ..audio.resampling import HIGHEST_RATE_HZ, LOWEST_RATE_HZ
from ..causes import CAUSES
from ..clients.settings import RANGE_PATTERN, ClientSettings
from ..errors import AudioError, did_you_mean
from ..faults import MEDIA, MICROPHONE, NETWORK, SERVER, Fault
from ..faults.seams import TRANSPORTS
from ..properties import CHOICES, PROPERTY_NAMES
from ..protocol.codec import scripted_event
from ..quantities import DURATION_PATTERN, DURATION_RANGE_PATTERN, LEVEL_RANGE_PATTERN, PEAK_PATTERN, shown
from ..ranges import between
from ..server.detection import LONGEST_WAIT_MS
from ..server.policy import ServerPolicy
from ..server.services import Service
from ..server.utterance import BABBLE, SILENCE
from ..server.voice import FAILURES
from ..vad.detector import DETECTORS
from .map import field_docs
from .model import ASSUMPTIONS, FAILED_TRANSCRIPT, NOTHING, PAGE_ACTS, PAGE_ACTS_WITH_TEXT, WHEN_EVENTS
from .profiles import PROFILES
from .tags import MOST_TAGS, TAG_PATTERN, TAGS, check_tag

_SERVICES = get_args(Service)
_DETECTIONS = ("server_vad", "semantic_vad")
_SESSIONS = ("realtime", "transcription")
FAULTS_OF: Mapping[str, Mapping[str, type[Fault]]] = {
    "microphone": MICROPHONE,
    "network": ChainMap(MEDIA, NETWORK),
    "server": SERVER,
}
"""The faults of each key of a step that injects one."""
INCOMPLETE_REASONS = ("max_output_tokens", "content_filter")
_BACKGROUND_MODES = ("keeps", "suspended")
"""What capture or playback can do while the app is in the background."""
_EVENT = re.compile(r"(\S+)(?:\s+(\d{1,6}))?")
_COUNTS = re.compile(r"(\d{1,6})\s*\.\.\s*(\d{1,6})")
_ANSWER = re.compile(r"answer\s+(\d{1,6})")


# --- readers --------------------------------------------------------------------------------------------------------


def text(value: object) -> str:
    """Text, without the blanks around it."""
    if not isinstance(value, str):
        raise ValueError(f"write text; a number or a truth value needs quotes to be text (got {shown(value)})")
    return value.strip()


def name(value: object) -> str:
    """Text that is not empty."""
    words = text(value)
    if not words:
        raise ValueError("write some text here; it is empty")
    return words


def different_tags(tags: list[str]) -> list[str]:
    """Tags, each once and not too many."""
    twice = next((tag for tag in tags if tags.count(tag) > 1), None)
    if twice is not None:
        raise ValueError(f"the tag {twice!r} occurs twice; leave one out")
    if len(tags) > MOST_TAGS:
        raise ValueError(f"a scenario has at most {MOST_TAGS} tags (got {len(tags)})")
    return tags


def event_anchor(value: object) -> tuple[str, int | None]:
    """Name and number of ``speech_started 2``; the number is None for ``speech_started``."""
    match = _EVENT.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"write an event, such as speech_started or speech_started 2 (got {shown(value)})")
    event = one_of("event", WHEN_EVENTS)(match[1])
    if match[2] and not int(match[2]):
        raise ValueError(f"events are counted from 1 (got {shown(value)})")
    return event, int(match[2]) if match[2] else None


def answer_anchor(value: object) -> int:
    """The number in ``answer 3``."""
    match = _ANSWER.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None or not int(match[1]):
        raise ValueError(f"write which answer, counted from 1, such as answer 3 (got {shown(value)})")
    return int(match[1])


def page_act(value: object) -> tuple[str, str]:
    """What ``click "Start"`` does to a page, and the text behind it, without quotation marks."""
    words = value.strip() if isinstance(value, str) else ""
    does, _, rest = words.partition(" ")
    text = rest.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1]
    if not does:
        raise ValueError(f'write what is done to the page, such as click "Start" (got {shown(value)})')
    one_of("act on a page", PAGE_ACTS)(does)
    if does in PAGE_ACTS_WITH_TEXT and not text:
        raise ValueError(f"{does!r} needs a text behind it, such as {does} {_PAGE_TEXTS[does]}")
    if text and does not in PAGE_ACTS_WITH_TEXT:
        raise ValueError(f"{does!r} has no text behind it (got {shown(text)})")
    if does == "volume" and not _DECIBELS.fullmatch(text):
        raise ValueError(f"write by how much, such as volume -40 dB (got {shown(text)})")
    return does, text


_DECIBELS = re.compile(r"-\d{1,2} ?dB")
_PAGE_TEXTS = {"click": '"Start"', "press": "Enter", "run": '"document.title"', "volume": "-40 dB"}


def outcome(value: object) -> str:
    """``held``; ``failed:`` and a cause, or a property broken without one; ``failed`` by expectations alone."""
    words = value.split() if isinstance(value, str) else []
    if words in (["held"], ["failed"]):
        return words[0]
    if len(words) != 2 or words[0] != "failed:":
        raise ValueError(f'write held, failed, or "failed: CAUSE" in quotes (got {shown(value)})')
    return f"failed: {one_of('cause', (*CAUSES, *PROPERTY_NAMES))(words[1])}"


def one_of(noun: str, names: Iterable[str]) -> Callable[[object], str]:
    """A reader of one of ``names``; ``noun`` says what they name."""

    def read(value: object) -> str:
        if not isinstance(value, str):
            raise ValueError(f"write the name of a {noun} (got {shown(value)}); known: {', '.join(names)}")
        if value not in names:
            raise ValueError(f"unknown {noun} {shown(value)}; {did_you_mean(value, names)}")
        return value

    return read


def clip(value: object, info: ValidationInfo) -> str:
    """``babble``, the name of a shipped recording, or an audio file that can be read.

    The step's ``format`` is read before. The validation context may hold ``base``, the folder that files are relative
    to, and ``clips``, what is known of those that other values name.
    """
    words = name(value)
    if "format" not in info.data:  # it is a mistake of its own
        return words
    written = info.data["format"]
    return _readable(words, None if written is None else written.raw(), info)


def _readable(words: str, raw: RawFormat | None, info: ValidationInfo) -> str:
    if words == BABBLE and raw is None:
        return BABBLE
    known: dict[tuple[str, RawFormat | None], str | None] = info.context.get("clips", {}) if info.context else {}
    if (words, raw) not in known:
        known[words, raw] = _clip_mistake(words, _base(info), raw)
    if (mistake := known[words, raw]) is not None:
        raise ValueError(mistake)
    return words


def _clip_mistake(words: str, base: Path | None, raw: RawFormat | None) -> str | None:
    try:
        load_clip(words, base, raw)
    except AudioError as error:
        return str(error)
    return None


def answer_clip(value: object, info: ValidationInfo) -> str:
    """A clip as for the user, or ``silence``, or ``none`` for an answer without output."""
    return str(value) if value in (SILENCE, NOTHING) else _readable(name(value), None, info)


def pattern(value: object) -> str:
    """A regular expression."""
    words = name(value)
    try:
        re.compile(words)
    except re.error as error:
        raise ValueError(f"{shown(value)} is not a regular expression: {error}") from error
    return words


def tools(value: object) -> tuple[str, ...] | str:
    """Names of tools, or a pattern for one."""
    return tuple(map(name, value)) if isinstance(value, list) else pattern(value)


def transcript(value: object) -> str:
    """The words of a turn, or a failure in angle brackets."""
    words = text(value)
    if failure := FAILED_TRANSCRIPT.fullmatch(words):
        one_of("failure", FAILURES)(failure[1])
    return words


def scripted(value: object) -> str:
    """JSON of a server event, written as a map."""
    if not isinstance(value, dict):
        raise ValueError(f"write the event as a map with its type (got {shown(value)})")
    try:
        scripted_event(value, "event_1")
    except msgspec.ValidationError as error:
        raise ValueError(f"this is not a server event: {error}") from error
    return json.dumps(value, ensure_ascii=False)


def fault_of(actor: str) -> Callable[[object], str]:
    """A reader of a fault of ``microphone``, ``network`` or ``server``, which knows where the others belong."""
    among = one_of(f"{actor} fault", FAULTS_OF[actor])

    def read(value: object) -> str:
        for other, faults in FAULTS_OF.items():
            if other != actor and isinstance(value, str) and value in faults:
                raise ValueError(f"{shown(value)} is a {other} fault; write {other}: {value}")
        return among(value)

    return read


def session_kind(value: object) -> str:
    """The kind of session that a scenario can have."""
    if value == "translation":
        raise ValueError("a scenario has no translation session; one is served by `stillthere serve`, at its own path")
    return one_of("session", _SESSIONS)(value)


def noise(value: object, info: ValidationInfo) -> str:
    """A synthesised kind of noise, or a recording as in :func:`clip`."""
    words = name(value)
    if is_file_name(words) or info.data.get("format") is not None:
        return clip(words, info)
    return one_of("noise", (*NOISES, *clip_names()))(words)


def _base(info: ValidationInfo) -> Path | None:
    return info.context.get("base") if info.context else None


def number(low: float, high: float) -> Callable[[object], float]:
    """A reader of a number in a range."""

    def read(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise ValueError(f"give a number from {low:g} to {high:g} (got {shown(value)})")
        return float(value)

    return read


def whole(low: int, high: int) -> Callable[[object], int]:
    """A reader of a whole number in a range."""

    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(f"give a whole number from {low} to {high} (got {shown(value)})")
        return value

    return read


def rate_hz(value: object) -> int:
    """A sample rate in Hz."""
    if isinstance(value, bool) or not isinstance(value, int) or not LOWEST_RATE_HZ <= value <= HIGHEST_RATE_HZ:
        limits = f"from {LOWEST_RATE_HZ} to {HIGHEST_RATE_HZ}"
        raise ValueError(f"give the rate in Hz, a whole number {limits}, such as 8000 (got {shown(value)})")
    return value


def counts(value: object) -> int:
    """A count from 1, or a range such as ``2..4``."""
    match = _COUNTS.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        return whole(1, 1000)(value)
    low, high = (whole(1, 1000)(int(end)) for end in match.groups())
    if low > high:
        raise ValueError(f"a range goes from low to high (got {shown(value)})")
    found: int = between(low, high)
    return found


def idle_timeout(value: object) -> int | None:
    """Milliseconds, or null for no timeout."""
    return None if value is None else whole(5_000, 30_000)(value)


def flag(value: object) -> bool:
    """``true`` or ``false``; in YAML 1.2 ``yes``, ``on`` and ``off`` are text."""
    if not isinstance(value, bool):
        raise ValueError(f"write true or false (got {shown(value)})")
    return value


# --- types ----------------------------------------------------------------------------------------------------------


def _schema(pattern: str, *examples: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": f"^({pattern})$", "examples": list(examples)})


def _text_such_as(*examples: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "examples": list(examples)})


def _names(names: Iterable[str]) -> WithJsonSchema:
    return WithJsonSchema({"enum": list(names)})


def _integer(low: int, high: int) -> WithJsonSchema:
    return WithJsonSchema({"type": "integer", "minimum": low, "maximum": high})


@dataclass(frozen=True, slots=True)
class _FieldsOf:
    """The JSON Schema of a map that sets fields of a dataclass; made when it is asked for."""

    options: type
    ranges: bool = False
    """Whether a number may be a range of numbers."""

    def __get_pydantic_json_schema__(self, _: object, __: object) -> dict[str, Any]:
        kinds = {int: "integer", float: "number", bool: "boolean", str: "string", type(None): "null"}
        properties: dict[str, dict[str, Any]] = {}
        documented = field_docs(self.options)
        for name, hint in get_type_hints(self.options).items():
            parts = get_args(hint) or (hint,)
            is_choice = isinstance(parts[0], str)
            properties[name] = {"enum": list(parts)} if is_choice else {"type": [kinds[part] for part in parts]}
            if self.ranges and not is_choice and {int, float} & {*parts}:
                properties[name] |= {"type": [*properties[name]["type"], "string"], "pattern": f"^{RANGE_PATTERN}$"}
            if name in documented:
                properties[name]["description"] = documented[name]
        return {"type": "object", "properties": properties, "additionalProperties": False}


class _Present:
    """Refuses an empty value, as the type without None does, so that None means that the key is absent."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema = handler(source)
        assert schema["type"] == "nullable"
        return cast(CoreSchema, schema["schema"])


_T = TypeVar("_T")
OptionalKey = Annotated[_T | None, _Present()]
"""The type of an optional key; its default None says that the key is absent."""

_WHOLE = {"type": "integer", "minimum": 1, "maximum": 1000}
_NAMED_ASSUMPTION = {"enum": list(ASSUMPTIONS)}
_EVENT_WORDS = rf"({'|'.join(map(re.escape, WHEN_EVENTS))})(\s+\d{{1,6}})?"
_TEXT = WithJsonSchema({"type": "string"})
_IDLE_TIMEOUT = WithJsonSchema({"type": ["integer", "null"], "minimum": 5_000, "maximum": 30_000})
YamlDuration = Annotated[int, PlainValidator(quantities.duration), _schema(DURATION_PATTERN, "1.2s")]
YamlBound = Annotated[int, PlainValidator(quantities.bound), _schema(DURATION_PATTERN, "10s")]
"""A duration that is not 0."""
YamlDurationRange = Annotated[
    int, PlainValidator(quantities.durations), _schema(DURATION_RANGE_PATTERN, "1.2s", "40s..44s")
]
"""A duration or a range of them."""
YamlLevelRange = Annotated[
    float, PlainValidator(quantities.levels), _schema(LEVEL_RANGE_PATTERN, "-20 dBFS", "-30..-6 dBFS")
]
"""A level or a range of them."""
YamlPeakRange = Annotated[
    tuple[int, int], PlainValidator(quantities.peak), _schema(PEAK_PATTERN, "12000 LSB", "41..96 LSB")
]
YamlText = Annotated[str, PlainValidator(text), _TEXT]
YamlName = Annotated[str, PlainValidator(name), WithJsonSchema({"type": "string", "minLength": 1})]
YamlClip = Annotated[str, PlainValidator(clip), _text_such_as(BABBLE, *clip_names())]
YamlNoise = Annotated[str, PlainValidator(noise), _text_such_as(*NOISES, *clip_names())]
YamlDetectorName = Annotated[str, PlainValidator(one_of("detector", DETECTORS)), _names(DETECTORS)]
YamlMicrophoneFault = Annotated[str, PlainValidator(fault_of("microphone")), _names(MICROPHONE)]
YamlNetworkFault = Annotated[str, PlainValidator(fault_of("network")), _names(FAULTS_OF["network"])]
YamlServerFault = Annotated[str, PlainValidator(fault_of("server")), _names(SERVER)]
YamlEventAnchor = Annotated[
    tuple[str, int | None], PlainValidator(event_anchor), _schema(_EVENT_WORDS, *WHEN_EVENTS, "speech_started 2")
]
YamlAnswerAnchor = Annotated[int, PlainValidator(answer_anchor), _schema(_ANSWER.pattern, "answer 3")]
YamlAssumption = Annotated[str, PlainValidator(one_of("assumption", ASSUMPTIONS)), _names(ASSUMPTIONS)]
YamlAssumptions = Annotated[
    list[YamlAssumption],
    BeforeValidator(lambda value: [value] if isinstance(value, str) else value),
    WithJsonSchema({"anyOf": [_NAMED_ASSUMPTION, {"type": "array", "items": _NAMED_ASSUMPTION}]}),
]
YamlIncludes = Annotated[
    list[YamlName],
    BeforeValidator(lambda value: [value] if isinstance(value, str) else value),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
YamlTag = Annotated[str, PlainValidator(check_tag), _schema(f"^{TAG_PATTERN}$", *TAGS)]
YamlTags = Annotated[list[YamlTag], AfterValidator(different_tags)]
YamlPolicy = Annotated[dict[str, Any], _FieldsOf(ServerPolicy)]
YamlProperties = Annotated[
    dict[str, Any],
    WithJsonSchema(
        {
            "type": "object",
            "properties": {name: {"type": "string", "enum": list(CHOICES)} for name in PROPERTY_NAMES},
            "additionalProperties": False,
        }
    ),
]
YamlClientSettings = Annotated[dict[str, Any], _FieldsOf(ClientSettings, ranges=True)]
YamlTools = Annotated[
    tuple[str, ...] | str,
    PlainValidator(tools),
    WithJsonSchema({"anyOf": [{"type": "array", "items": {"type": "string", "minLength": 1}}, {"type": "string"}]}),
]
_OUTCOMES = ("held", "failed", *(f"failed: {because}" for because in (*CAUSES, *PROPERTY_NAMES)))
YamlOutcome = Annotated[str, PlainValidator(outcome), _names(_OUTCOMES)]
YamlFraction = Annotated[
    float, PlainValidator(number(0, 1)), WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1})
]
YamlPace = Annotated[float, PlainValidator(number(0.1, 1000)), WithJsonSchema({"type": "number", "minimum": 0.1})]
YamlFlag = Annotated[bool, PlainValidator(flag), WithJsonSchema({"type": "boolean"})]
YamlCount = Annotated[int, PlainValidator(whole(1, 1000)), _integer(1, 1000)]
YamlCountRange = Annotated[
    int,
    PlainValidator(counts),
    WithJsonSchema({"anyOf": [_WHOLE, {"type": "string", "pattern": rf"^{_COUNTS.pattern}$", "examples": ["2..4"]}]}),
]
"""A count or a range of them."""
YamlTokens = Annotated[int, PlainValidator(whole(0, 100_000)), _integer(0, 100_000)]
YamlPaddingMs = Annotated[int, PlainValidator(whole(0, 10_000)), _integer(0, 10_000)]
YamlSilenceMs = Annotated[int, PlainValidator(whole(0, 60_000)), _integer(0, 60_000)]
YamlIdleTimeoutMs = Annotated[int | None, PlainValidator(idle_timeout), _IDLE_TIMEOUT]
YamlDetectionType = Annotated[str, PlainValidator(one_of("turn detection type", _DETECTIONS)), _names(_DETECTIONS)]
YamlService = Annotated[Service, PlainValidator(one_of("service", _SERVICES)), _names(_SERVICES)]
YamlTransport = Annotated[str, PlainValidator(one_of("transport", TRANSPORTS)), _names(TRANSPORTS)]
YamlSession = Annotated[str, PlainValidator(session_kind), _names(_SESSIONS)]
YamlEagerness = Annotated[str, PlainValidator(one_of("eagerness", LONGEST_WAIT_MS)), _names(LONGEST_WAIT_MS)]
YamlAnswerClip = Annotated[str, PlainValidator(answer_clip), _text_such_as(NOTHING, SILENCE, BABBLE, *clip_names())]
YamlEncoding = Annotated[str, PlainValidator(one_of("encoding", ENCODINGS)), _names(ENCODINGS)]
YamlRateHz = Annotated[int, PlainValidator(rate_hz), _integer(LOWEST_RATE_HZ, HIGHEST_RATE_HZ)]
YamlChannels = Annotated[int, PlainValidator(whole(1, MOST_CHANNELS)), _integer(1, MOST_CHANNELS)]
YamlFailure = Annotated[str, PlainValidator(one_of("failure", FAILURES)), _names(FAILURES)]
YamlIncompleteReason = Annotated[
    Literal["max_output_tokens", "content_filter"],
    PlainValidator(one_of("reason", INCOMPLETE_REASONS)),
    _names(INCOMPLETE_REASONS),
]
YamlPattern = Annotated[str, PlainValidator(pattern), _TEXT]
YamlTranscript = Annotated[str, PlainValidator(transcript), _TEXT]
YamlServerEvent = Annotated[str, PlainValidator(scripted), WithJsonSchema({"type": "object", "required": ["type"]})]
YamlPageAct = Annotated[
    tuple[str, str],
    PlainValidator(page_act),
    _schema(
        f"(click|press|run|volume) .+|{'|'.join(sorted(set(PAGE_ACTS) - set(PAGE_ACTS_WITH_TEXT)))}", 'click "Start"'
    ),
]
YamlAppState = Annotated[str, PlainValidator(one_of("app state", ("background",))), _names(("background",))]
YamlProfileName = Annotated[str, PlainValidator(one_of("profile", PROFILES)), _names(PROFILES)]
YamlEnding = Annotated[str, PlainValidator(one_of("ending", ("reopened",))), _names(("reopened",))]
YamlBackgroundMode = Annotated[
    Literal["keeps", "suspended"], PlainValidator(one_of("mode", _BACKGROUND_MODES)), _names(_BACKGROUND_MODES)
]
