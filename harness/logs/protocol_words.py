"""The words of the protocol: names of fields, and texts that say nothing of a user or an app."""

import re
from typing import get_args

import msgspec
import msgspec.inspect as inspect

from ..protocol.events import ClientEvent, ServerEvent
from ..protocol.translation_events import TranslationClientEvent, TranslationServerEvent
from .vocabulary import CLIENT_TYPES, SERVER_TYPES

NUMBERS_BELOW = 1e7
"""Positions, counts and settings are smaller; a telephone number and the number of a card are not."""

_SETTINGS = """
    audio create_response cutoff duration_ms eagerness effort format format_type idle_timeout_ms include input
    input_audio_format input_audio_noise_reduction input_audio_transcription instructions interrupt_response kind
    language languages max_output_tokens max_response_output_tokens mode modalities model noise_reduction
    output_audio_format parallel_tool_calls prefix_padding_ms rate reasoning retention_ratio sample_rate
    silence_duration_ms speed temperature threshold tool_choice tools tracing transcription truncation turn_detection
    voice settings input_format output_format given outputs response_format
"""
_NOT_KEPT = frozenset({"logprobs", "obfuscation", "image_url", "metadata", "expires_at", "client_secret", "prompt"})
_PLAIN_WORDS = """
    auto none required disabled low medium high minimal xhigh server_vad semantic_vad near_field far_field text audio
    pcm16 g711_ulaw g711_alaw audio/pcm audio/pcmu audio/pcma realtime transcription translation inf
    alloy ash ballad coral echo sage shimmer verse marin cedar
    message function function_call function_call_output mcp mcp_call mcp_list_tools mcp_approval_request
    mcp_approval_response item_reference input_text input_audio input_image output_text output_audio
    realtime.session realtime.item realtime.response realtime.conversation realtime.transcription_session
    turn_detected client_cancelled content_filter max_output_tokens server_error invalid_request_error
    rate_limit_error authentication_error api_error tokens requests summary assistant user system tool
    completed cancelled failed incomplete in_progress error commentary final_answer
    invalid_value invalid_event invalid_model invalid_json invalid_api_key string_above_max_length conversation_full
    call_id_not_found unsupported_content_type unknown_parameter too_many_active_responses session_expired
    response_cancel_not_active request_too_large object_above_max_properties model_not_found
    missing_required_parameter invalid_type invalid_offer input_audio_buffer_commit_empty
    conversation_already_has_active_response cannot_update_voice rate_limit_exceeded insufficient_quota
    item_truncate_invalid_item_id item_delete_invalid_item_id internal_error server_vad_disabled
"""
_WORDS = frozenset(_PLAIN_WORDS.split())
_MODEL = re.compile(
    r"(gpt-(realtime|audio|4o|\d(\.\d)?)|whisper)"
    r"(-(mini|realtime|transcribe|translate|whisper|diarize|preview|latest|\d|\d{4}-\d\d-\d\d))*"
)
_LANGUAGE = re.compile(r"[a-z]{2}(-[A-Z]{2})?")


def _fields_of(kind: inspect.Type, seen: set[type]) -> set[str]:
    """The names of the fields of the events of a union, and of all objects in them."""
    if isinstance(kind, inspect.StructType):
        if kind.cls in seen:
            return set()
        seen.add(kind.cls)
        inner = [_fields_of(field.type, seen) for field in kind.fields]
        return {field.encode_name for field in kind.fields}.union(*inner)
    if isinstance(kind, inspect.UnionType):
        return set().union(*(_fields_of(each, seen) for each in kind.types))
    if isinstance(kind, inspect.ListType | inspect.VarTupleType):
        return _fields_of(kind.item_type, seen)
    return set()


def _all_fields() -> set[str]:
    unions = (ClientEvent, ServerEvent, TranslationClientEvent, TranslationServerEvent)
    events = [event for union in unions for event in get_args(union)]
    seen: set[type] = set()
    return set().union(*(_fields_of(msgspec.inspect.type_info(event), seen) for event in events))


FIELDS = frozenset({*_all_fields(), *_SETTINGS.split(), "type"}) - _NOT_KEPT
"""The names of fields that are kept."""


def is_word(field: str, text: str) -> bool:
    """Whether a text is a word of the protocol, the name of a model or a language, or the path of a field."""
    if text in _WORDS or (field == "type" and (text in CLIENT_TYPES or text in SERVER_TYPES)):
        return True
    if field == "model":
        return _MODEL.fullmatch(text) is not None
    if field in ("language", "languages"):
        return _LANGUAGE.fullmatch(text) is not None
    if field == "param":
        return all(part in FIELDS or (part.isdigit() and len(part) < 4) for part in re.split(r"[.\[\]]+", text) if part)
    return False
