"""What ``--over`` says: the speakers, levels and noises that each scenario is swept with, all combinations of them."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TypeVar

from ...audio.clips import clip_names, is_file_name, load_clip
from ...audio.synthesis import NOISES
from ...errors import AudioError, SettingError, did_you_mean
from ...quantities import digits, format_level, level
from ...scenario.model import Action, At, Noise, Say, Scenario, Step
from ...server.utterance import BABBLE
from ...units import SECOND, SILENCE_DBFS

_V = TypeVar("_V")
OWN = "own"
"""The value that leaves a scenario as it is."""
NO_NOISE = "none"
ALL_SPEAKERS = "all"
_VOICE = "speech_en_f_tts_hibari"
"""The assistant's own."""
_ADDED_US = 10 * SECOND
"""A noise that is added to a scenario without times lasts so long."""


@dataclass(frozen=True, slots=True)
class Variant:
    """What is put into a scenario in place of its own; None: it keeps its own."""

    speaker: str | None = None
    """A recording: what is said in each ``say:`` step."""
    level_dbfs: float | None = None
    """The level of all that is said."""
    noise: str | None = None
    """``KIND``, ``KIND@LEVEL``, ``@LEVEL`` or ``none``: all noise, or noise that is added to a scenario without any."""

    def put(self, scenario: Scenario) -> Scenario:
        """The scenario with it."""
        if self == Variant():
            return scenario
        steps = tuple(replace(step, action=self._action(step.action, scenario)) for step in scenario.timeline)
        has_noise = any(isinstance(step.action, Noise) for step in steps)
        if self.noise is not None and self.noise != NO_NOISE and not has_noise:
            kind, dbfs = _noise(self.noise)
            added = Noise(kind or "keyboard", _known_end_us(scenario), dbfs)
            steps += (Step(At(0), added, because="the noise of --over"),)
        return replace(scenario, timeline=steps, outcomes={})

    def _action(self, action: Action, scenario: Scenario) -> Action:
        if isinstance(action, Say):
            if self.speaker is not None:
                action = replace(action, clip=_placed(self.speaker, scenario), format=None)
            return action if self.level_dbfs is None else replace(action, level_dbfs=self.level_dbfs)
        if isinstance(action, Noise) and self.noise is not None:
            if self.noise == NO_NOISE:
                return replace(action, level_dbfs=SILENCE_DBFS, peak_lsb=None)
            kind, dbfs = _noise(self.noise)
            if kind:
                action = replace(action, kind=kind, format=None)
            return action if dbfs is None else replace(action, level_dbfs=dbfs, peak_lsb=None)
        return action

    @property
    def told(self) -> str:
        """In a few words, such as ``at -42 dBFS``; empty if the scenario is as it is."""
        parts = [f"spoken by {self.speaker}"] if self.speaker is not None else []
        parts += [f"at {format_level(self.level_dbfs)}"] if self.level_dbfs is not None else []
        parts += [f"with noise {self.noise}"] if self.noise is not None else []
        return ", ".join(parts)


def read_variants(texts: Sequence[str]) -> tuple[Variant, ...]:
    """All combinations of the values of ``--over``. Raises :exc:`SettingError`."""
    found: dict[str, list[str]] = {}
    for part in (part for text in texts for part in text.split(",")):
        name, equals, values = part.strip().partition("=")
        if name not in _READERS or not equals or not values:
            cure = did_you_mean(name, _READERS) if name not in _READERS else f"give values, such as {_EXAMPLES[name]}"
            raise SettingError(f"--over {part.strip()!r} is not NAME=A|B|C with speaker, level or noise; {cure}")
        if name in found:
            raise SettingError(f"--over {name} occurs twice; give all its values in one, divided by |")
        found[name] = [each.strip() for each in values.split("|")]
    speakers = _read(_speakers, found.get("speaker"))
    levels = _read(_levels, found.get("level"))
    noises = _read(_noises, found.get("noise"))
    return tuple(Variant(*each) for each in product(speakers, levels, noises))


def check_variants(variants: Sequence[Variant], scenarios: Sequence[Scenario]) -> None:
    """Raise :exc:`SettingError` if a scenario has nothing that ``--over`` could change."""
    for scenario in scenarios:
        says = any(isinstance(step.action, Say) for step in scenario.timeline)
        if not says and any(each.speaker is not None or each.level_dbfs is not None for each in variants):
            raise SettingError(
                f"--over: nobody speaks in {scenario.name!r}, so no speaker and no level can be replaced; leave it out"
            )


def _read(read: Callable[[str], Iterator[_V]], texts: Sequence[str] | None) -> list[_V]:
    return list(dict.fromkeys(value for text in texts or [OWN] for value in read(text)))


def _speakers(text: str) -> Iterator[str | None]:
    if text == OWN:
        yield None
    elif text == ALL_SPEAKERS:
        yield from (name for name in clip_names() if name.startswith("speech_") and name != _VOICE)
    else:
        if text != BABBLE:
            try:
                load_clip(text)
            except AudioError as error:
                raise SettingError(f"--over speaker={text}: {error}") from None
        yield text


def _levels(text: str) -> Iterator[float | None]:
    if text == OWN:
        yield None
        return
    ends, _, count = text.partition(":")
    low, dots, high = ends.partition("..")
    try:
        if not dots:
            yield _level(ends)
            return
        if not count.isdecimal() or not 2 <= int(count) <= 1_000:
            raise ValueError(f"say how many levels, such as -42..-30dBFS:3 (got {text!r})")
        first, last, number = _level(low), _level(high), int(count)
    except ValueError as error:
        raise SettingError(f"--over level: {error}") from None
    yield from (round(first + (last - first) * at / (number - 1), 3) for at in range(number))


def _level(text: str) -> float:
    return level(text if text.strip().lower().endswith("dbfs") else f"{text} dBFS")


def _noises(text: str) -> Iterator[str | None]:
    if text == OWN:
        yield None
        return
    if text != NO_NOISE:
        try:
            kind, dbfs = _noise(text)
            if kind and kind not in NOISES:
                if kind not in clip_names() and not is_file_name(kind):
                    raise ValueError(f"no noise is called {kind!r}; {did_you_mean(kind, [*NOISES, *clip_names()])}")
                load_clip(kind)
        except (ValueError, AudioError) as error:
            raise SettingError(f"--over noise={text}: {error}") from None
        text = f"{kind}@{digits(dbfs)}dBFS" if dbfs is not None else kind
    yield text


def _noise(text: str) -> tuple[str, float | None]:
    """The kind, which may be empty, and the level."""
    kind, at, dbfs = text.partition("@")
    return kind.strip(), _level(dbfs) if at else None


def standalone(scenario: Scenario) -> Scenario:
    """The scenario with absolute paths of its audio files, so that its file can stand anywhere."""

    def placed(name: str) -> str:
        return os.path.abspath(os.path.join(scenario.base or "", name)) if is_file_name(name) else name

    def of(action: Action) -> Action:
        if isinstance(action, Say):
            return replace(action, clip=placed(action.clip))
        return replace(action, kind=placed(action.kind)) if isinstance(action, Noise) else action

    server = scenario.server
    replies = tuple(replace(rule, reply=replace(rule.reply, clip=placed(rule.reply.clip))) for rule in server.replies)
    server = replace(server, reply=replace(server.reply, clip=placed(server.reply.clip)), replies=replies)
    steps = tuple(replace(step, action=of(step.action)) for step in scenario.timeline)
    return replace(scenario, timeline=steps, server=server)


def _placed(clip: str, scenario: Scenario) -> str:
    """A file of the command line is relative to the current folder, not to the scenario's."""
    return os.path.abspath(clip) if is_file_name(clip) else clip


def _known_end_us(scenario: Scenario) -> int:
    """When the last step with a time ends, as far as it is known before the run."""
    ends = [_ADDED_US]
    for step in scenario.timeline:
        begin_us = step.trigger.at_us if isinstance(step.trigger, At) else 0
        ends.append(begin_us + (step.repeat - 1) * step.every_us + (getattr(step.action, "lasts_us", None) or 0))
    return max(ends) if scenario.lasts_us is None else min(scenario.lasts_us, max(ends))


_READERS = ("speaker", "level", "noise")
_EXAMPLES = {"speaker": "speaker=all", "level": "level=-42|-36|-30", "noise": "noise=keyboard@-40dBFS|none"}
