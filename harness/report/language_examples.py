"""The chapters of the page about the scenario language: prose, and examples that load."""

from typing import NamedTuple


class Chapter(NamedTuple):
    """A heading, some Markdown, and examples that are whole files."""

    title: str
    prose: str
    examples: tuple[str, ...]


CHAPTERS = (
    Chapter(
        "A timeline of steps",
        """\
Each step has one key for when and one for what. Times, levels and peaks have units; a bare number is a mistake.
`stillthere check FILE` lists all mistakes with their places, `stillthere show FILE` draws the plan without playing it,
`stillthere run FILE` plays it.""",
        (
            """\
scenario: Two turns and a door
story: The user speaks twice. In between a door slams.
source: your own report
room: -60 dBFS                       # the noise of the room
network: {latency: 50ms, jitter: 5ms}
timeline:
  - at: 2s
    say: speech_en_f_arctic_a0009    # a shipped recording; hello.wav would be a file beside this one
    level: -20 dBFS
    repeat: 2
    every: 12s
  - at: 9s
    noise: door
    lasts: 500ms
    peak: 12000 LSB
    because: it is a real room
outcomes:
  resilient: held
tags: [noise]                        # to select it by, see scenario-pack.md
""",
        ),
    ),
    Chapter(
        "Recordings of your own",
        """\
`say` and `noise` take any file that libsndfile reads (WAV, FLAC, Ogg, MP3, AIFF and others), of any rate from 1 to
768 kHz and any number of channels, which are mixed to one; at most 10 minutes. Other rates than 24 kHz are resampled,
by the filter of [resampling.md](resampling.md). A file without a header (`.raw`, `.pcm`, `.ulaw`, `.alaw`) needs its
`format`. What cannot be read is refused in a sentence with the cure; of an m4a that is the line
`ffmpeg -i hello.m4a hello.wav`.""",
        (
            """\
scenario: A recording from a telephone
timeline:
  - at: 2s
    say: caller.ulaw
    format: {encoding: ulaw, rate: 8000}
  - at: 9s
    noise: street.pcm
    format: {encoding: pcm16, rate: 44100, channels: 2}
    lasts: 5s
""",
        ),
    ),
    Chapter(
        "Anchors",
        """\
A step can be anchored to an event, so that the scenario stays right when an answer gets longer. `by` is the time after
the event, or before the end of an answer. `when` without a number waits for the first such event after the step
above.""",
        (
            """\
scenario: Anchors
timeline:
  - at: 2s
    say: speech_en_f_arctic_a0009
  - before end of: answer 1
    by: 800ms
    noise: thocks
    lasts: 1s
    label: typing
  - after: typing
    by: 2s
    say: speech_en_m_arctic_a0007
  - when: speech_started 2
    by: 100ms
    app: background
    lasts: 3s
    capture: suspended
  - when: response.done
    say: babble
    lasts: 1.5s
""",
        ),
    ),
    Chapter(
        "Faults",
        """\
`microphone`, `network` and `server` inject a fault by its name, and `with` sets its parameters. A fault with an end
heals by itself; a dead capture and a faulty connection stay so until the client renews them. `stillthere faults` lists
all faults, `stillthere faults NAME` describes one, and so does [faults.md](faults.md). `transport: webrtc` plays a call
([webrtc.md](webrtc.md)), which has faults of its own:

{faults}""",
        (
            """\
scenario: Faults
timeline:
  - at: 2s
    say: speech_en_f_arctic_a0009
  - at: 12s
    server: held-active
    lasts: 5s
  - at: 20s
    network: dropped-events
    with: {events: response.*, direction: down, count: 3}
    lasts: 10s
  - at: 40s
    microphone: near-silent
    with: {peak: 20..60 LSB}
    until: reopened
""",
            """\
scenario: A call in a lift
transport: webrtc
timeline:
  - at: 2s
    say: speech_en_f_arctic_a0009
  - at: 14s
    network: ice-lost
    lasts: 8s
""",
        ),
    ),
    Chapter(
        "The app, and scripted server events",
        """\
`app` switches to another app and back. The effect on a client depends on what it runs in: `as` names a profile, with
figures that were measured or reported ([app-switching.md](app-switching.md)):
{profiles}.
`capture` and `playback` set the effects by hand instead. A suspended output stays so until the client resumes it.
`event` makes the server send an event that is not simulated. `page` does something to a web page, in a run with one
([browser.md](browser.md)).""",
        (
            """\
scenario: Two switches
timeline:
  - at: 2s
    say: speech_en_f_arctic_a0009
  - before end of: answer 1
    by: 1s
    app: background
    lasts: 3s
    playback: suspended
  - at: 15s
    event: {type: mcp_list_tools.failed, item_id: mcp_1}
  - at: 20s
    app: background
    as: safari-ios
    lasts: 8s
""",
            """\
scenario: A page is frozen
timeline:
  - at: 0s
    page: click "Start"
  - at: 2s
    say: speech_en_f_arctic_a0009
  - at: 12s
    page: freeze
    lasts: 4s
""",
        ),
    ),
    Chapter(
        "What is assumed",
        """\
`assume` states what must be true when a step happens, `premises` what must have happened in the run. If one is not
true, the run is vacuous: it proves nothing, and never counts as held.""",
        (
            """\
scenario: Premises
timeline:
  - at: 2s
    say: speech_en_f_arctic_a0009
    label: asked
  - before end of: answer 1
    by: 1s
    say: speech_en_m_arctic_a0007
    assume: [assistant is speaking, connected]
premises:
  - answer: {after: asked, within: 3s}
  - never: {error: {}}
""",
        ),
    ),
    Chapter(
        "What is expected",
        """\
Every scenario expects that the client is never silent for ever; that needs no line. After the heal the user holds a
conversation of three utterances: `recover within` is the bound of the first one, from the heal; `answer within` is the
bound of each later one, from its end. `properties` says what follows if a property of [properties.md](properties.md)
is broken. [answered.md](answered.md) says what counts as an answer.

`expect` adds deadlines for what can be observed. Each of its three keys may be left out: without `after`, time counts
from the start; without `within`, to the end of the run; without `at least`, once is enough. If the step is repeated,
each repetition has its deadline. `any`, `all` and `never` combine expectations, nested as deep as you like. The run
lasts until the last of them is due.""",
        (
            """\
scenario: Expectations
timeline:
  - at: 2s
    say: speech_en_f_arctic_a0009
    label: asked
  - at: 12s
    say: speech_en_m_arctic_a0007
    label: asked again
expect:
  - speech_started: {after: asked, within: 1s}
  - response.done: {at least: 2}
  - any:
      - answer: {after: asked again, within: 3s}
      - all:
          - reconnect: {after: asked again, within: 5s}
          - tells_user: {after: asked again, within: 5s}
  - never:
      interruption: {after: asked, within: 2s}
recover within: 30s
answer within: 15s
properties: {words_lost: fail, fresh_audio: off}
""",
        ),
    ),
    Chapter(
        "Ranges",
        """\
Any time, level, peak or count of a step, of the network, of the room and of an answer may be a range, and so may any
duration and any number in `with`, and any number in `client`. `stillthere run` takes the middle; a search takes random
values from it.""",
        (
            """\
scenario: Ranges
room: -70..-55 dBFS
network: {latency: 20ms..200ms}
server: {reply: {latency: 300ms..2s}}
client: {gate_threshold: 0.01..0.05}
timeline:
  - at: 2s..4s
    say: babble
    level: -30..-12 dBFS
    lasts: 1s..3s
    repeat: 1..3
    every: 10s
    label: spoken
  - after: spoken
    by: 100ms..900ms
    noise: thocks
    lasts: 1s
    peak: 6000..24000 LSB
  - at: 40s
    network: dropped-events
    with: {skip: 2..5, probability: 0.1..0.5}
    lasts: 5s
""",
        ),
    ),
    Chapter(
        "The server and the client",
        """\
`server` sets the detector, the answers, and how the server behaves where the service's behaviour is unknown. `client`
changes settings of the client.""",
        (
            """\
scenario: A custom server
server:
  detector: energy
  turn_detection: {type: server_vad, silence_duration_ms: 300}
  policy: {clear_during_speech: wedge}
  reply: {text: I can hear you well., latency: 300ms}
  replies:
    - {turn: 2, fails: rate_limit_exceeded}
    - {heard: weather, calls: [{name: get_weather, arguments: {city: Oslo}}]}
  transcripts: [Hello.]
  lasts: 10min
client: {gate_mode: zeros, gate_threshold: 0.03}
timeline:
  - at: 2s
    say: speech_en_f_arctic_a0009
lasts: 20s
recover within: 30s
""",
        ),
    ),
    Chapter(
        "Answers to what is asked",
        """\
`replies` is a list of rules, and the first one that matches gives the answer; where none does, `reply` does. A rule
matches if all of its conditions are true: the number of the turn, what the user said or typed, the instructions, the
tools, what came back from a tool. So one file can serve all sessions of an application, or of its test suite, with
`stillthere serve --scenario FILE`.

A pattern is a [regular expression](https://docs.python.org/3/library/re.html#regular-expression-syntax) that is
searched for, in upper or lower case. The texts of an answer and of the arguments of its calls may use captures:

* `{city}`: what the group `(?P<city>...)` of a pattern of the rule matched
* `{result}`, `{result.sky}`, `{result.days.0.high}`: what came back from the tool, or a field of it, if it is JSON
* `{arguments.city}`: an argument of the call that it is the result of
* `{{city}}`: the word in braces itself

An argument that is one capture and nothing else keeps its type, such as a number. A rule does not match if something
that its answer uses was not captured. Of a long text, 200 characters are used.

Once a tool's result came back, only a rule with `result` takes notice of the user's words before it. Conditions on
instructions and tools are still true then, so rules with `result` stand above those.

`heard` knows the words of the included recordings, which the server recognises by their sound, and those of
`transcripts`; a recording of your own has no words unless `transcripts` has them. The reference clients type nothing
and offer no tools: rules with `typed` or `tools` are for your own client. Which parts of a file a served client gets:
[serving.md](serving.md).""",
        (
            """\
scenario: One file for a suite
server:
  replies:
    - {result: {tool: get_weather}, text: "It is {result.sky} in {arguments.city}."}
    - result: {tool: get_weather, output: "(?P<problem>no such city|timed out)"}
      text: "I cannot tell: {problem}."
    - tools: [get_weather]
      typed: weather in (?P<city>\\w+)
      calls: [{name: get_weather, arguments: {city: "{city}"}}]
    - {instructions: "say exactly: (?P<words>.+)", text: "{words}"}
timeline:
  - at: 2s
    say: speech_en_f_arctic_a0009
""",
        ),
    ),
    Chapter(
        "Including files",
        """\
`include` takes a file or a list of files, relative to this one, with any of the keys below. Their steps come first;
maps are merged key by key, and this file wins; lists are joined. The name, the story, the source and the outcomes of an
included file are ignored. A mistake in it is reported with its own file and line.""",
        (
            """\
# three_turns.yaml
server: {reply: {clip: speech_en_f_tts_hibari, lasts: 3s}}
timeline:
  - at: 2s
    say: speech_en_f_arctic_a0009
    repeat: 3
    every: 9s
    label: turns
""",
            """\
scenario: After three good turns the server goes mute
include: three_turns.yaml
timeline:
  - after: turns
    by: 5s
    server: mute
    lasts: 20s
""",
        ),
    ),
)

BUILDER = """\
from stillthere import judge, play
from stillthere.builder import ScenarioBuilder, answer, any_of, between, dbfs, ms, noise, recovery, s, say

scenario = (
    ScenarioBuilder("Keyboard noise in the assistant's tail")
    .at(2 * s, say("speech_en_f_arctic_a0009"), repeat=2, every=9 * s)
    .before_end_of(answer=2, by=800 * ms, do=noise("thocks", lasts=1.2 * s), assume="assistant is speaking")
    .at(between(24 * s, 26 * s), say("speech_en_m_arctic_a0007", level=-12 * dbfs), label="loud")
    .expect(any_of(answer.after("loud").within(5 * s), recovery.after("loud").within(5 * s)))
    .build()
)
run = play(scenario, "resilient")
print(judge(run.journal, scenario))
"""
"""A scenario in Python."""
