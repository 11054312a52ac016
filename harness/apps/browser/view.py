"""The page's own view of what happens, in the journal: contexts, tracks, visibility, console, what it notes of itself.

Events of the DevTools protocol say most of it. A script in a world of its own, which the page cannot see, hears
``visibilitychange`` and ``freeze``. Listeners for ``mute`` and ``ended`` are put on captured tracks, which the browser
finds for us; it collects garbage in doing so, so they are looked for only while every ``AudioContext`` runs: one that
is suspended might lose what the page holds no reference to.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import msgspec

from ...journal import (
    AudioNodeCollected,
    Entry,
    Journal,
    PageActed,
    PageConsole,
    PageContext,
    PageLifecycle,
    PageNodeCreated,
    PageNote,
    PageSocketBuffer,
    PageTrack,
)
from ..real_time.clock import WallClock
from .cdp import DevToolsError, DevToolsSession, thrown_text

SOURCE = "MediaStreamAudioSource"
"""The kind of node by which a captured stream enters a graph."""
CARRIERS = (SOURCE, "AudioWorklet", "ScriptProcessor")
"""The kinds of nodes that carry a capture."""
_LONGEST = 500
"""Characters of a line of the console."""
_MOST_LINES = 500
"""Lines of the console in one journal."""
_LOOKS_EVERY_S = 1.0
_MUCH_BYTES = 64 * 1024
"""A change of ``bufferedAmount`` that is noted."""
_WORLD = "stillthere"
_SEEN, _NOTED, _TRACK = "stillthereSeen", "stillthereNoted", "stillthereTrack"
_LIFECYCLE = f"""
(() => {{
  const say = (what) => {_SEEN}(what);
  document.addEventListener('visibilitychange', () => say(document.visibilityState));
  for (const what of ['freeze', 'resume']) document.addEventListener(what, () => say(what));
  for (const what of ['focus', 'blur', 'online', 'offline']) addEventListener(what, () => say(what));
}})()"""
_NOTE = f"""
(() => {{
  const send = globalThis.{_NOTED};
  delete globalThis.{_NOTED};
  const note = (name, values = {{}}) => send(JSON.stringify([String(name), values]));
  Object.defineProperty(globalThis, 'stillthere', {{value: Object.freeze({{note}}), configurable: true}});
}})()"""
_LISTEN = f"""
function(seen) {{
  for (const stream of this) for (const track of stream.getAudioTracks?.() ?? []) {{
    if (seen.has(track)) continue;
    seen.add(track);
    for (const what of ['mute', 'unmute', 'ended'])
      track.addEventListener(what, () => {_TRACK}(JSON.stringify([what, track.label])));
  }}
  return 0;
}}"""
_BUFFERED = (
    "function() { return this.reduce((sum, each) => sum + (each.readyState === 1 ? each.bufferedAmount : 0), 0); }"
)


class PageView:
    """Call :meth:`open` before the page is opened, and :meth:`begin` when time begins.

    ``runs`` is called with whether the output of the page runs, and ``crashed`` if its process has died.
    """

    def __init__(
        self,
        page: DevToolsSession,
        clock: WallClock,
        journal: Journal,
        runs: Callable[[bool], None],
        crashed: Callable[[str], None],
    ) -> None:
        self._page = page
        self._clock = clock
        self._journal = journal
        self._runs = runs
        self._crashed = crashed
        self._before: list[Entry] = []
        """What happened before time began."""
        self.errors: list[str] = []
        """What the page complained about, for whoever asks why it does not dial."""
        self._states: dict[str, str] = {}
        """The contexts that are not closed, by the browser's ids."""
        self._numbers: dict[str, int] = {}
        self._nodes: dict[str, str] = {}
        """The kinds of the nodes that carry a capture, by the browser's ids."""
        self._capturing: set[str] = set()
        """The contexts that have a source of a captured stream, or had one."""
        self._lines = 0
        self._looking: asyncio.Task[None] | None = None
        self._new_sources = 0
        self._looked_at = -1
        self._buffered = 0
        self._closed = False

    async def open(self) -> None:
        """Listen from now on."""
        self._page.listen(self._event)
        do = self._page.do
        for domain in ("Page", "Runtime", "Log", "WebAudio", "Inspector"):
            await do(f"{domain}.enable")
        await do("Runtime.addBinding", name=_SEEN, executionContextName=_WORLD)
        await do("Runtime.addBinding", name=_NOTED)
        await do("Runtime.addBinding", name=_TRACK)
        await do("Page.addScriptToEvaluateOnNewDocument", source=_LIFECYCLE, worldName=_WORLD)
        await do("Page.addScriptToEvaluateOnNewDocument", source=_NOTE)

    def begin(self) -> None:
        """Time has begun."""
        for entry in self._before:
            self._journal.add(entry)
        self._before.clear()

    def look(self) -> None:
        """The page captures: look for its tracks and sockets now, and again when there are others."""
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())

    def close(self) -> None:
        """Look no more."""
        self._closed = True
        if self._looking is not None:
            self._looking.cancel()

    def _add(self, kind: type[Entry], **fields: Any) -> None:
        if not self._clock.is_started:
            self._before.append(kind(t=0, **fields))
        elif not self._clock.is_over:
            self._clock.enter()
            self._journal.add(kind(t=self._clock.now, **fields))

    def acted(self, what: str) -> None:
        """Note what was done to the page."""
        self._add(PageActed, what=what)

    @property
    def open_contexts(self) -> list[str]:
        """The contexts that are not closed, by the browser's ids, in the order in which they were made."""
        return [each for each in self._numbers if self._states.get(each, "closed") != "closed"]

    @property
    def capturing(self) -> set[str]:
        """Those of them that have, or had, a source of a captured stream."""
        return self._capturing.intersection(self.open_contexts)

    @property
    def captures_running(self) -> int:
        """How many of these run."""
        return sum(self._states.get(each) == "running" for each in self._capturing)

    # --- events ---

    def _event(self, method: str, event: dict[str, Any]) -> None:
        handler = _HANDLERS.get(method)
        if handler is not None:
            handler(self, event)

    def _context_created(self, event: dict[str, Any]) -> None:
        context = event["context"]
        if context["contextType"] == "realtime":
            self._numbers[context["contextId"]] = len(self._numbers) + 1
            self._context_changed(event)

    def _context_changed(self, event: dict[str, Any]) -> None:
        context = event["context"]
        key, state = context["contextId"], context["contextState"]
        if key not in self._numbers or self._states.get(key) == state:
            return
        self._states[key] = state
        self._add(PageContext, context=self._numbers[key], state=state)
        self._tell_output()

    def _context_gone(self, event: dict[str, Any]) -> None:
        if self._states.pop(event["contextId"], "closed") != "closed":
            self._add(PageContext, context=self._numbers[event["contextId"]], state="closed")
            self._tell_output()

    def _tell_output(self) -> None:
        """The output runs if every context runs that captures nothing; if all capture, if every one runs."""
        states = {key: state for key, state in self._states.items() if state != "closed"}
        playing = [state for key, state in states.items() if key not in self._capturing] or list(states.values())
        if playing and self._clock.is_started:
            self._runs(all(state == "running" for state in playing))

    def _node_created(self, event: dict[str, Any]) -> None:
        node = event["node"]
        if node["nodeType"] not in CARRIERS or node["contextId"] not in self._numbers:
            return
        self._nodes[node["nodeId"]] = node["nodeType"]
        if node["nodeType"] == SOURCE:
            self._capturing.add(node["contextId"])
            self._new_sources += 1
        self._add(PageNodeCreated, context=self._numbers[node["contextId"]], node=node["nodeType"])

    def _node_destroyed(self, event: dict[str, Any]) -> None:
        """A source of a stream that the page has not left by itself is lost."""
        if self._nodes.pop(event["nodeId"], None) == SOURCE and self._states.get(event["contextId"]) is not None:
            left = sum(kind == SOURCE for kind in self._nodes.values())
            self._add(AudioNodeCollected, node=SOURCE, left=left)

    def _nodes_disconnected(self, event: dict[str, Any]) -> None:
        """The page has disconnected a node."""
        self._nodes.pop(event["sourceId"], None)

    def _console(self, event: dict[str, Any]) -> None:
        words = [str(each.get("value", each.get("description", ""))) for each in event["args"]]
        self._line({"assert": "error"}.get(event["type"], event["type"]), " ".join(words))

    def _thrown(self, event: dict[str, Any]) -> None:
        self._line("uncaught", thrown_text(event["exceptionDetails"]))

    def _logged(self, event: dict[str, Any]) -> None:
        entry = event["entry"]
        self._line(entry["level"], f"{entry['text']} ({entry['url']})" if entry.get("url") else entry["text"])

    def _line(self, level: str, text: str) -> None:
        text = " ".join(text.split())[:_LONGEST]
        if level in ("error", "uncaught"):
            self.errors.append(text)
        self._lines += 1
        if self._lines <= _MOST_LINES:
            self._add(PageConsole, level=level, text=text)

    def _called(self, event: dict[str, Any]) -> None:
        name, payload = event["name"], event["payload"]
        if name == _SEEN:
            self._add(PageLifecycle, event=payload)
        elif name == _TRACK:
            what, label = msgspec.json.decode(payload)
            self._add(PageTrack, event=what, label=label)
        elif name == _NOTED:
            with contextlib.suppress(msgspec.DecodeError, ValueError, TypeError):
                noted, values = msgspec.json.decode(payload)
                self._add(PageNote, name=noted, values=values if isinstance(values, dict) else {"value": values})

    def _has_crashed(self, event: dict[str, Any]) -> None:
        self._add(PageLifecycle, event="crash")
        self._crashed("the page's process died")

    def _detached(self, event: dict[str, Any]) -> None:
        if not self._closed:
            self._crashed(event["reason"])

    # --- tracks and sockets ---

    @property
    def _all_run(self) -> bool:
        return all(state in ("running", "closed") for state in self._states.values())

    async def _look(self) -> None:
        seen, sockets = "", ""
        while True:
            with contextlib.suppress(DevToolsError):
                if self._looked_at != self._new_sources and self._all_run:
                    self._looked_at = self._new_sources
                    if not seen:
                        made = await self._page.do("Runtime.evaluate", expression="new WeakSet()")
                        seen = made["result"]["objectId"]
                    await self._page.call(_LISTEN, await self._objects("MediaStream"), seen)
                    await self._page.do("Runtime.releaseObjectGroup", objectGroup="MediaStream")
                    sockets = await self._objects("WebSocket")
                if sockets:
                    await self._measure(sockets)
            await asyncio.sleep(_LOOKS_EVERY_S)

    async def _objects(self, name: str) -> str:
        prototype = await self._page.do("Runtime.evaluate", expression=f"{name}.prototype", objectGroup=name)
        found = await self._page.do(
            "Runtime.queryObjects", prototypeObjectId=prototype["result"]["objectId"], objectGroup=name
        )
        return str(found["objects"]["objectId"])

    async def _measure(self, sockets: str) -> None:
        result = await self._page.do(
            "Runtime.callFunctionOn", functionDeclaration=_BUFFERED, objectId=sockets, returnByValue=True
        )
        buffered = int(result["result"].get("value") or 0)
        if abs(buffered - self._buffered) >= _MUCH_BYTES or (self._buffered and not buffered):
            self._buffered = buffered
            self._add(PageSocketBuffer, size_bytes=buffered)


_HANDLERS: dict[str, Callable[[PageView, dict[str, Any]], None]] = {
    "WebAudio.contextCreated": PageView._context_created,
    "WebAudio.contextChanged": PageView._context_changed,
    "WebAudio.contextWillBeDestroyed": PageView._context_gone,
    "WebAudio.audioNodeCreated": PageView._node_created,
    "WebAudio.audioNodeWillBeDestroyed": PageView._node_destroyed,
    "WebAudio.nodesDisconnected": PageView._nodes_disconnected,
    "Runtime.consoleAPICalled": PageView._console,
    "Runtime.exceptionThrown": PageView._thrown,
    "Log.entryAdded": PageView._logged,
    "Runtime.bindingCalled": PageView._called,
    "Inspector.targetCrashed": PageView._has_crashed,
    "Inspector.detached": PageView._detached,
}
