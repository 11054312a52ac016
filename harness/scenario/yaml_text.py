"""Writes a :class:`Scenario` as YAML that loads back to it: only what differs from a default, in a fixed order."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.representer import RoundTripRepresenter

from ..audio.audio_files import RawFormat
from ..clients.settings import setting_names
from ..faults import parameters
from ..quantities import digits, format_durations, format_level, format_peak
from ..ranges import Between, ends
from . import model
from .server_document import TurnDetectionDocument

_WIDTH = 100
"""Longer texts and maps are folded."""
_LONGEST_ESCAPE = len(r"\U00012345")

_PLAIN_START = re.compile(r"-?\w")


class _Representer(RoundTripRepresenter):
    """Texts of several lines as blocks, and texts that plain YAML would change in double quotes."""

    def text(self, text: str) -> ScalarNode:
        """The node of a text."""
        lines = text.split("\n")
        is_usual = all(line.isprintable() for line in lines) and _PLAIN_START.match(text) is not None
        is_tidy = all(line.strip() == line for line in lines)
        style = '"' if not is_usual else "|" if is_tidy and len(lines) > 1 else None
        return self.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Representer.add_representer(str, _Representer.text)


def yaml_text(scenario: model.Scenario) -> str:
    """The YAML of a scenario; :func:`harness.scenario.dump.dump` says which scenarios it is for."""
    yaml = YAML()
    yaml.Representer = _Representer
    yaml.width = _WIDTH
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = StringIO()
    yaml.dump(_document(scenario), stream)
    return stream.getvalue()


def _document(scenario: model.Scenario) -> CommentedMap:
    default = model.Scenario("", ())
    network = {"latency": scenario.latency_us, "jitter": scenario.jitter_us}
    usual_network = {"latency": default.latency_us, "jitter": default.jitter_us}
    return _present(
        ("scenario", scenario.name),
        ("story", scenario.story),
        ("source", scenario.source),
        ("room", format_level(scenario.room_dbfs) if scenario.room_dbfs != default.room_dbfs else None),
        ("transport", scenario.transport if scenario.transport != default.transport else None),
        ("network", _flow(_durations(_changed(network, usual_network)))),
        ("server", _server(scenario.server)),
        ("client", _flow(_settings(scenario.client))),
        ("lasts", _duration(scenario.lasts_us)),
        ("recover within", _duration(scenario.recover_within_us, default.recover_within_us)),
        ("answer within", _duration(scenario.answer_within_us)),
        ("properties", _flow(dict(sorted(scenario.properties.items())))),
        ("timeline", [_step(step) for step in scenario.timeline]),
        ("premises", [_expectation(premise) for premise in scenario.premises]),
        ("expect", [_expectation(expect) for expect in scenario.expect]),
        ("outcomes", CommentedMap(sorted(scenario.outcomes.items()))),
        ("tags", _flow_list(scenario.tags)),
    )


def _server(server: model.ServerSetup) -> CommentedMap:
    default = model.ServerSetup()
    return _present(
        ("detector", server.detector if server.detector != default.detector else None),
        ("turn_detection", _flow(_in_order(server.turn_detection, TurnDetectionDocument.keys()))),
        ("policy", _flow(_changed(asdict(server.policy), asdict(default.policy)))),
        ("reply", _flow(_reply(server.reply))),
        ("replies", [_flow(_rule(rule)) for rule in server.replies]),
        ("transcripts", list(server.transcripts)),
        ("session", server.session if server.session != default.session else None),
        ("model", server.model if server.model != default.model else None),
        ("lasts", _duration(server.lasts_us, default.lasts_us)),
    )


def _reply(reply: model.Reply) -> CommentedMap:
    default = model.Reply()
    return _present(
        ("clip", reply.clip if (reply.clip, reply.text, reply.calls) != (default.clip, None, ()) else None),
        ("text", reply.text),
        ("lasts", _duration(reply.lasts_us)),
        ("level", _level(reply.level_dbfs)),
        ("latency", _duration(reply.latency_us, default.latency_us)),
        ("pace", reply.pace if reply.pace != default.pace else None),
        ("calls", [{"name": call.name, "arguments": json.loads(call.arguments)} for call in reply.calls]),
        ("fails", reply.fails),
        ("incomplete", reply.incomplete),
        ("cut after", _duration(reply.cut_after_us)),
        ("created after", _duration(reply.created_after_us, 0)),
        ("cancelled after", _duration(reply.cancelled_after_us, default.cancelled_after_us)),
        ("reasoning tokens", reply.reasoning_tokens or None),
    )


def _rule(rule: model.ReplyRule) -> CommentedMap:
    result = rule.result
    when = _present(
        ("turn", rule.turn),
        ("heard", rule.heard),
        ("typed", rule.typed),
        ("instructions", rule.instructions),
        ("tools", _flow_list(rule.tools) if isinstance(rule.tools, tuple) else rule.tools),
        ("result", _present(("tool", result.tool), ("output", result.output)) if result is not None else None),
    )
    return CommentedMap({**when, **_reply(rule.reply)})


def _step(step: model.Step) -> CommentedMap:
    return _present(
        *_trigger(step.trigger),
        *_action(step.action),
        ("repeat", _count(step.repeat) if step.repeat != 1 or step.every_us != 0 else None),
        ("every", _duration(step.every_us, 0 if step.repeat == 1 else None)),
        ("label", step.label),
        ("assume", step.assume[0] if len(step.assume) == 1 else _flow_list(step.assume)),
        ("because", step.because),
    )


def _trigger(trigger: model.Trigger) -> Iterable[tuple[str, object]]:
    match trigger:
        case model.At(at_us):
            return [("at", format_durations(at_us))]
        case model.After(label, by_us):
            return [("after", label), ("by", _duration(by_us, 0))]
        case model.When(event, nth, by_us):
            return [("when", event if nth is None else f"{event} {nth}"), ("by", _duration(by_us, 0))]
        case model.BeforeEnd(answer, by_us):
            return [("before end of", f"answer {answer}"), ("by", _duration(by_us, 0))]


def _action(action: model.Action) -> Iterable[tuple[str, object]]:
    match action:
        case model.Say(clip, level_dbfs, lasts_us, raw):
            return [("say", clip), _format(raw), ("level", _level(level_dbfs)), ("lasts", _duration(lasts_us))]
        case model.Noise(kind, lasts_us, level_dbfs, peak_lsb, raw):
            peak = None if peak_lsb is None else format_peak(*map(int, ends(peak_lsb)))
            heard = [("lasts", _duration(lasts_us)), ("level", _level(level_dbfs)), ("peak", peak)]
            return [("noise", kind), _format(raw), *heard]
        case model.Inject(fault, lasts_us):
            needs_end = lasts_us is None and fault.needs_end
            end = ("until", "reopened") if needs_end else ("lasts", _duration(lasts_us))
            return [(fault.actor, fault.name), ("with", _flow(parameters.given(fault))), end]
        case model.App(lasts_us, capture, playback, profile):
            modes = [("capture", capture), ("playback", playback)]
            return [("app", "background"), ("as", profile), ("lasts", _duration(lasts_us)), *modes]
        case model.Emit(event):
            return [("event", json.loads(event))]
        case model.PageStep(does, text, lasts_us):
            return [("page", f"{does} {text}".strip()), ("lasts", _duration(lasts_us))]


def _format(raw: RawFormat | None) -> tuple[str, object]:
    if raw is None:
        return "format", None
    channels = None if raw.channels == 1 else raw.channels
    return "format", _flow(_present(("encoding", raw.encoding), ("rate", raw.rate_hz), ("channels", channels)))


def _expectation(expectation: model.Expectation) -> CommentedMap:
    match expectation:
        case model.AnyOf(parts):
            return CommentedMap({"any": [_expectation(part) for part in parts]})
        case model.AllOf(parts):
            return CommentedMap({"all": [_expectation(part) for part in parts]})
        case model.Never(part):
            return CommentedMap({"never": _expectation(part)})
        case model.Expect(what, after, within_us, at_least):
            count = None if at_least == 1 else at_least
            deadline = _present(("after", after), ("within", _duration(within_us)), ("at least", count))
            return CommentedMap({what: _flow(deadline)})


# --- parts ----------------------------------------------------------------------------------------------------------


def _duration(us: int | None, default: int | None = None) -> str | None:
    return None if us is None or us == default else format_durations(us)


def _durations(values: Mapping[str, int]) -> dict[str, str]:
    return {key: format_durations(us) for key, us in values.items()}


def _count(count: int) -> int | str:
    return f"{count.low}..{count.high}" if isinstance(count, Between) else count


def _level(dbfs: float | None) -> str | None:
    return None if dbfs is None else format_level(dbfs)


def _changed(values: Mapping[str, Any], default: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value != default[key]}


def _settings(client: Mapping[str, Any]) -> dict[str, Any]:
    """Client settings in their order, with ranges as they are written."""
    given = _in_order(client, setting_names())
    return {name: _number_range(value) if isinstance(value, Between) else value for name, value in given.items()}


def _number_range(value: Between) -> str:
    low, high = (str(end) if isinstance(end, int) else digits(end) for end in (value.low, value.high))
    return f"{low}..{high}"


def _in_order(values: Mapping[str, Any], order: Iterable[str]) -> dict[str, Any]:
    return {key: values[key] for key in order if key in values}


def _present(*pairs: tuple[str, object]) -> CommentedMap:
    """A map of the pairs with a value; an empty text, list or map counts as none."""
    return CommentedMap((key, value) for key, value in pairs if value not in (None, "", [], {}))


def _flow(values: Mapping[str, Any]) -> CommentedMap:
    """On one line if it is short."""
    result = CommentedMap(values)
    if sum(_written_width(f"{key}: {value}, ") for key, value in values.items()) < _WIDTH - 20:
        result.fa.set_flow_style()
    return result


def _written_width(text: str) -> int:
    """About the width in the file, with escapes: in a line that YAML folds, a key would break."""
    return sum(1 if char.isprintable() and char not in '"\\' else _LONGEST_ESCAPE for char in text)


def _flow_list(values: Iterable[str]) -> CommentedSeq:
    result = CommentedSeq(values)
    result.fa.set_flow_style()
    return result
