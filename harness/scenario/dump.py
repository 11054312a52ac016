"""From a :class:`Scenario` to the YAML that loads back to it: only what differs from a default, in a fixed order."""

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

from harness.clients.settings import setting_names
from harness.scenario import model
from harness.scenario.server_document import TurnDetectionDocument
from harness.scenario.values import format_level, format_peak
from harness.units import format_duration

WIDTH = 100
"""Longer texts and maps are folded."""

_PLAIN_START = re.compile(r"-?\w")


class _Representer(RoundTripRepresenter):
    """Texts of several lines as blocks; unusual ones in double quotes, where plain ones are not written faithfully."""

    def text(self, text: str) -> ScalarNode:
        """The node of a text."""
        lines = text.split("\n")
        is_usual = all(line.isprintable() for line in lines) and _PLAIN_START.match(text) is not None
        is_tidy = all(line.strip() == line for line in lines)
        style = '"' if not is_usual else "|" if is_tidy and len(lines) > 1 else None
        return self.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Representer.add_representer(str, _Representer.text)


def dump(scenario: model.Scenario) -> str:
    """YAML that :func:`loads` reads back to an equal scenario, except for ``path`` and the steps' ``line``.

    Blanks around texts are not kept. The scenario must be one that a file can express: with a name, at least one step,
    and steps that keep the rules of the language.
    """
    yaml = YAML()
    yaml.Representer = _Representer
    yaml.width = WIDTH
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
        ("network", _flow(_durations(_changed(network, usual_network)))),
        ("server", _server(scenario.server)),
        ("client", _flow(_in_order(scenario.client, setting_names()))),
        ("lasts", _duration(scenario.lasts_us)),
        ("recover within", _duration(scenario.recover_within_us, default.recover_within_us)),
        ("timeline", [_step(step) for step in scenario.timeline]),
        ("expect", [_expect(expect) for expect in scenario.expect]),
        ("outcomes", CommentedMap(sorted(scenario.outcomes.items()))),
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
        ("model", server.model if server.model != default.model else None),
        ("lasts", _duration(server.lasts_us, default.lasts_us)),
    )


def _reply(reply: model.Reply) -> CommentedMap:
    default = model.Reply()
    return _present(
        ("clip", reply.clip if (reply.clip, reply.text, reply.calls) != (default.clip, None, ()) else None),
        ("text", reply.text),
        ("lasts", _duration(reply.lasts_us)),
        ("latency", _duration(reply.latency_us, default.latency_us)),
        ("pace", reply.pace if reply.pace != default.pace else None),
        ("calls", [{"name": call.name, "arguments": json.loads(call.arguments)} for call in reply.calls]),
        ("fails", reply.fails),
        ("incomplete", reply.incomplete),
        ("cut after", _duration(reply.cut_after_us)),
        ("created after", _duration(reply.created_after_us, 0)),
    )


def _rule(rule: model.ReplyRule) -> CommentedMap:
    return CommentedMap({**_present(("turn", rule.turn), ("heard", rule.heard)), **_reply(rule.reply)})


def _step(step: model.Step) -> CommentedMap:
    return _present(
        *_trigger(step.trigger),
        *_action(step.action),
        ("repeat", step.repeat if step.repeat != 1 or step.every_us else None),
        ("every", _duration(step.every_us, None if step.repeat > 1 else 0)),
        ("label", step.label),
        ("assume", step.assume[0] if len(step.assume) == 1 else _flow_list(step.assume)),
        ("because", step.because),
    )


def _trigger(trigger: model.Trigger) -> Iterable[tuple[str, object]]:
    match trigger:
        case model.At(at_us):
            return [("at", format_duration(at_us))]
        case model.After(label, by_us):
            return [("after", label), ("by", _duration(by_us, 0))]
        case model.When(event, nth, by_us):
            return [("when", event if nth is None else f"{event} {nth}"), ("by", _duration(by_us, 0))]
        case model.BeforeEnd(answer, by_us):
            return [("before end of", f"answer {answer}"), ("by", _duration(by_us, 0))]


def _action(action: model.Action) -> Iterable[tuple[str, object]]:
    match action:
        case model.Say(clip, level_dbfs, lasts_us):
            return [("say", clip), ("level", _level(level_dbfs)), ("lasts", _duration(lasts_us))]
        case model.Noise(kind, lasts_us, level_dbfs, peak_lsb):
            peak = None if peak_lsb is None else format_peak(peak_lsb, peak_lsb)
            return [("noise", kind), ("lasts", _duration(lasts_us)), ("level", _level(level_dbfs)), ("peak", peak)]
        case model.Microphone(fault, lasts_us, peak_lsb):
            end = ("until", "reopened") if lasts_us is None else ("lasts", _duration(lasts_us))
            is_usual = peak_lsb == model.Microphone("").peak_lsb
            return [("microphone", fault), end, ("peak", None if is_usual else format_peak(*peak_lsb))]
        case model.App(lasts_us, capture, playback):
            fates = [("capture", capture), ("playback", playback)]
            changed = [(key, fate) for key, fate in fates if fate != "keeps"]
            return [("app", "background"), ("lasts", _duration(lasts_us)), *changed]
        case model.Network(fault, lasts_us):
            needs_length = fault == "stall"
            return [("network", fault), ("lasts", _duration(lasts_us, None if needs_length else 0))]
        case model.Server(fault, lasts_us):
            return [("server", fault), ("lasts", _duration(lasts_us))]
        case model.Emit(event):
            return [("event", json.loads(event))]


def _expect(expect: model.Expect) -> CommentedMap:
    deadline = _present(("after", expect.after), ("within", _duration(expect.within_us)))
    return CommentedMap({expect.what: _flow(deadline)})


# --- parts ----------------------------------------------------------------------------------------------------------


def _duration(us: int | None, default: int | None = None) -> str | None:
    return None if us is None or us == default else format_duration(us)


def _durations(values: Mapping[str, int]) -> dict[str, str]:
    return {key: format_duration(us) for key, us in values.items()}


def _level(dbfs: float | None) -> str | None:
    return None if dbfs is None else format_level(dbfs)


def _changed(values: Mapping[str, Any], default: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value != default[key]}


def _in_order(values: Mapping[str, Any], order: Iterable[str]) -> dict[str, Any]:
    return {key: values[key] for key in order if key in values}


def _present(*pairs: tuple[str, object]) -> CommentedMap:
    """A map of the pairs that hold something; an empty text, list or map counts as nothing."""
    return CommentedMap((key, value) for key, value in pairs if value not in (None, "", [], {}))


def _flow(values: Mapping[str, Any]) -> CommentedMap:
    """On one line if it is short."""
    result = CommentedMap(values)
    if sum(len(f"{key}: {value}, ") for key, value in values.items()) < WIDTH - 20:
        result.fa.set_flow_style()
    return result


def _flow_list(values: Iterable[str]) -> CommentedSeq:
    result = CommentedSeq(values)
    result.fa.set_flow_style()
    return result
