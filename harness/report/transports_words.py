"""What the page ``docs/transports.md`` says around its tables."""

PREFACE = """\
# WebSocket or WebRTC?

A report of a client that no longer heard its user asked: would WebRTC be better? Here is the answer by running. Each
of {faults} faults is injected into a conversation, in so many of its phases: {phases}; and each of {scenarios}
scenarios is played, over both transports, with the same client logic, in virtual time:

* `reported` has the three mechanisms of the report: a gate, an interruption threshold, a watchdog.
* `no gate` is the same client without its gate, in the scenarios in which the gate matters. A page over WebRTC is
  usually this one: it gives the microphone's track to the connection, and no code of its own stands between them. A
  WebSocket can be used without a gate too.
* `resilient` watches each link and recovers ([unfreezable.md](unfreezable.md)).

*Silent*: the user is not answered, or not for good, within 34 s after all has healed that heals by itself.
`stillthere transports --markdown` makes this page; `stillthere transports --fault NAME` and `--scenario NAME` show
one row, and `stillthere run SCENARIO --transport webrtc` one run with its picture."""

ADVICE = """\
## The answer

**Not for this freeze.** What the report describes begins before the network: the capture is near-silent, or the gate
removes the voice, or the output never ends. It is the same over both. Of the {socket} faults that exist on both and
silence `reported` over a WebSocket, {kept} silence it over WebRTC too, and in most of these runs neither client is
told anything.

* **WebRTC removes** what is lost or late among the events: {removed}. The assistant's audio is no event there, and
  the server truncates by itself, so the user hears the answer even if no event arrives. It also has no connection
  that is dead and looks open, or too full to send ({only_websocket}): its browser says `disconnected` after 6 s, and
  a call that comes back goes on.
* **WebRTC keeps** all that happens to the capture, in the server's ear, and in the server's answer ({kept} faults).
* What is removed are faults of the events alone. A server that does not answer, or answers without sound, is kept.
* **WebRTC adds** audio that stops in one direction while everything else works, without any event ({only_webrtc}), a
  data channel that is closed while the talk goes on, and words that are lost for good in an outage, where a WebSocket
  brings them late.
* **A page over WebRTC usually has no gate**, and so no freeze by one: see *no gate* in the scenarios below. That is
  due to the missing gate: a client on a WebSocket without one is as free of it.

So choose WebRTC in a browser for its echo canceller, its behaviour on a bad network, and the state that it reports.
Do not choose it as a cure. Whichever you choose, watch the captured sound and the assistant's voice, give every wait
a limit, and renew what failed: `resilient` was answered again in {recovered_socket} of {runs_socket} runs over a
WebSocket and in {recovered_call} of {runs_call} over WebRTC. Over WebRTC watch three more things: `getStats()` for
packets in both directions, `connectionState` (`disconnected` may heal, `failed` does not), and the close of the data
channel."""

MOVES = """\
## What WebRTC removes, keeps and adds

The faults that silence the client `reported` for ever in at least one phase."""

KNOWS = """\
## How long until the client could know

A client is told if something arrives or changes: a close, an error, a failed response, another state of the call. It
is not told if something is missing; for that it needs a timer of its own. These are the runs in which `reported`
stayed silent, and when `resilient`, which has such timers, first did something about the same faults (the median):"""

HARDSHIP = """\
## The same trouble on each

A network fails in the same way under both, and what a client sees of it is different: nothing is lost on a WebSocket,
and everything comes late; a call loses the audio of that time, and its browser reports its state. A cell has the
median time from the fault to an answer to something that was said after it, and the words that were lost in all runs;
`told` is the first thing that the client was told."""

FAULTS = """\
## Fault by fault

✔ and the median time to an answer if no run stayed silent; else ✖, in how many runs if not in all, and the cause.
*Does not exist*: the fault is one of the other transport."""

PACK = """\
## The scenario pack

Of {scenarios} scenarios, {absent} have a fault that only a WebSocket has. Of the other {shared}, {same} have the same
verdict over both with each client; these {differ} have not:"""

MEASURED = """\
## What this rests on

* The same session, detector, faults and judges are under both transports. Over WebRTC audio travels in packets of 20
  ms through a jitter buffer with concealment, events on a data channel, and the state of the path follows what
  Chromium was measured to report: disconnected after 6.3 s, failed after 17.6 s.
* The phases are the same, but not the moment within them: audio over WebRTC is heard about 60 ms later, so single
  runs may differ by chance. Compare the rows, not the third digit.
* What the service does when the packets of a microphone stop is not known; the switch `rtp_gap` has both variants
  ([fidelity.md](fidelity.md)). The table has the default, `silence`: a turn ends. With `standing` a capture that
  stops in mid-speech leaves the turn open, as over a WebSocket.
* A real browser does more by itself than this model: its own echo canceller, its own recovery of the path. A silent
  capture is the operating system's, under both transports (webrtc/samples#1019, twilio/twilio-video.js#941)."""
