"""What is done to a page: by its user (clicks, keys), by its browser (hidden, frozen, suspended), by its system.

Each thing is done for real. Nothing is done to the page's own code: an ``AudioContext`` is found by the DevTools
protocol, which collects garbage in doing so, and is suspended by the method that the system's own suspension calls.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec

from ...errors import StillthereError
from ..real_time.pulse_device import PulseDevice
from .browser import Browser
from .cdp import DevToolsError, DevToolsSession, value_of
from .view import PageView

_FIND_ELEMENT = """
(text) => {
  const named = [...document.querySelectorAll('button, a, input, summary, label, [role=button], [onclick]')].find(
    (each) => [each.innerText, each.value, each.ariaLabel].some((name) => name?.trim() === text));
  let found = named;
  if (!found) try { found = document.querySelector(text); } catch {}
  if (!found) return null;
  found.scrollIntoView({block: 'center'});
  const box = found.getBoundingClientRect();
  return {x: box.x + box.width / 2, y: box.y + box.height / 2};
}"""
_KEYS = {
    "Enter": (13, "\r"), "Space": (32, " "), "Escape": (27, ""), "Tab": (9, ""), "ArrowUp": (38, ""),
    "ArrowDown": (40, ""), "ArrowLeft": (37, ""), "ArrowRight": (39, ""),
}  # fmt: skip
"""The codes of keys that are no letter, and what they type."""
_ALL = "function() { return this.filter((each) => each instanceof AudioContext && each.state !== 'closed'); }"
_CAPTURING = "function() { return [...new Set(this.map((node) => node.context))]; }"
_TIMES = "function() { return this.map((each) => each.currentTime); }"
_CHOSEN = "function(places) { return this.filter((_, place) => places.includes(place)); }"
_OTHERS = "function(capturing) { const other = this.filter((each) => !capturing.includes(each)); return other; }"
_LENGTH = "function() { return this.length; }"
_SUSPEND = "function() { for (const each of this) each.suspend(); return this.length; }"
_RESUME = "function() { for (const each of this) each.resume(); return this.length; }"
OF_A_CALL = "remote audio"
"""The label of a track that comes from the other end of a call: nobody captured it."""
_STOP_TRACKS = f"""
function() {{
  const live = (track) => track.readyState === 'live' && track.label !== '{OF_A_CALL}';
  const all = [...new Set(this.flatMap((each) => each.getAudioTracks()))].filter(live);
  for (const each of all) each.stop();
  return all.length;
}}"""
_WAITS_FOR_ELEMENT_S = 5.0


class PageActs:
    """One page's. ``done`` is told what was done, in words; ``failed`` which act could not be done or undone, and why.

    :meth:`begin` and :meth:`end` return at once; what they ask for is done in this order.
    """

    def __init__(
        self,
        browser: Browser,
        page: DevToolsSession,
        view: PageView,
        pulse: PulseDevice | None,
        done: Callable[[str], None],
        failed: Callable[[str, str], None],
    ) -> None:
        self._browser = browser
        self._page = page
        self._view = view
        self._pulse = pulse
        self._done = done
        self._failed = failed
        self._other: DevToolsSession | None = None
        self._suspended: dict[str, list[str]] = {}
        """The contexts that we have suspended, by what was asked for."""
        self._last: asyncio.Task[None] | None = None

    def begin(self, does: str, text: str = "") -> None:
        """Do it."""
        self._then(f"page: {does}", lambda: self.do(does, text))

    def end(self, does: str) -> None:
        """Undo it."""
        self._then(f"the end of page: {does}", lambda: self.undo(does))

    def _then(self, what: str, work: Callable[[], Coroutine[Any, Any, str | None]]) -> None:
        before = self._last

        async def in_turn() -> None:
            if before is not None:
                await asyncio.wait((before,))
            try:
                done = await work()
            except (StillthereError, OSError) as error:
                self._failed(what, str(error))
            else:
                if done is not None:
                    self._done(done)

        self._last = asyncio.create_task(in_turn())

    def close(self) -> None:
        """Do no more."""
        if self._last is not None:
            self._last.cancel()

    async def do(self, does: str, text: str = "") -> str | None:
        """Do it now; what was done, in words. Raises :exc:`StillthereError`."""
        found: Callable[[str], Coroutine[Any, Any, str | None]] = getattr(self, f"_{does.replace('-', '_')}")
        return await found(text)

    async def undo(self, does: str) -> str | None:
        """Undo it now."""
        found = getattr(self, f"_end_{does.replace('-', '_')}", None)
        return None if found is None else str(await found())

    # --- the user ---

    async def _click(self, text: str) -> str:
        place = await self._place_of(text)
        mouse = {"x": place["x"], "y": place["y"]}
        await self._page.do("Input.dispatchMouseEvent", type="mouseMoved", **mouse)
        for kind in ("mousePressed", "mouseReleased"):
            await self._page.do("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **mouse)
        return f"clicked {text}"

    async def _place_of(self, text: str) -> dict[str, float]:
        """The middle of an element, once it is there."""
        loop = asyncio.get_running_loop()
        until = loop.time() + _WAITS_FOR_ELEMENT_S
        literal = msgspec.json.encode(text).decode()
        while (place := await self._page.run(f"({_FIND_ELEMENT})({literal})")) is None:
            if loop.time() > until:
                raise DevToolsError(
                    f"the page has no button, link or element {text!r}; write its text, or a CSS selector"
                )
            await asyncio.sleep(0.05)
        return dict(place)

    async def _press(self, key: str) -> str:
        code, typed = _KEYS.get(key, (ord(key[0].upper()), key if len(key) == 1 else ""))
        name = " " if key == "Space" else key
        for kind in ("keyDown", "keyUp"):
            await self._page.do("Input.dispatchKeyEvent", type=kind, key=name, windowsVirtualKeyCode=code, text=typed)
        return f"pressed {key}"

    async def _run(self, code: str) -> str:
        await self._page.run(code, userGesture=True)
        return f"ran {code}"

    # --- the browser ---

    async def _hide(self, _: str) -> str:
        self._other = await self._browser.other_page()
        await self._other.do("Page.bringToFront")
        return "another tab is in front"

    async def _end_hide(self) -> str:
        await self._page.do("Page.bringToFront")
        if self._other is not None:
            await self._browser.devtools.do("Target.closeTarget", targetId=self._other.target)
        return "the page is in front"

    async def _minimise(self, _: str) -> str:
        await self._window("minimized")
        return "the window is minimised"

    async def _end_minimise(self) -> str:
        await self._window("normal")
        return "the window is back"

    async def _window(self, state: str) -> None:
        devtools = self._browser.devtools
        window = await devtools.do("Browser.getWindowForTarget", targetId=self._page.target)
        await devtools.do("Browser.setWindowBounds", windowId=window["windowId"], bounds={"windowState": state})

    async def _freeze(self, _: str) -> str:
        await self._page.do("Page.setWebLifecycleState", state="frozen")
        return "the page is frozen"

    async def _end_freeze(self) -> str:
        await self._page.do("Page.setWebLifecycleState", state="active")
        return "the page is thawed"

    async def _suspend(self, _: str) -> str:
        return await self._suspended_now("suspend", lambda every, capturing: every)

    async def _end_suspend(self) -> str:
        return await self._resumed("suspend")

    async def _suspend_capture(self, _: str) -> str:
        return await self._suspended_now("suspend-capture", lambda every, capturing: capturing)

    async def _end_suspend_capture(self) -> str:
        return await self._resumed("suspend-capture")

    async def _suspend_playback(self, _: str) -> str:
        """The contexts that capture nothing; if all capture, all: then the capture stops with the playback."""
        group = "suspend-playback"
        every, capturing = await self._contexts(group)
        others = await self._page.call(_OTHERS, every, capturing)
        number = await self._number(_SUSPEND, others["objectId"])
        if number:
            return f"the system suspended the output ({number} AudioContext)"
        number = await self._number(_SUSPEND, every)
        if not number:
            raise DevToolsError("the page has no AudioContext that could be suspended")
        return f"the system suspended the output, and the capture with it ({number} AudioContext for both)"

    async def _suspended_now(self, does: str, chosen: Callable[[str, str], str]) -> str:
        number = await self._number(_SUSPEND, chosen_id := chosen(*await self._contexts(does)))
        self._suspended[does] = [chosen_id]
        if not number:
            raise DevToolsError("the page has no AudioContext that could be suspended")
        return f"the system suspended {number} AudioContext"

    async def _resumed(self, does: str) -> str:
        number = sum([await self._number(_RESUME, each) for each in self._suspended.pop(does, [])])
        await self._page.do("Runtime.releaseObjectGroup", objectGroup=does)
        return f"the system resumed {number} AudioContext"

    async def _number(self, function: str, on: str) -> int:
        result = await self._page.do(
            "Runtime.callFunctionOn", functionDeclaration=function, objectId=on, returnByValue=True
        )
        return int(value_of(result))

    async def _contexts(self, group: str) -> tuple[str, str]:
        """All open contexts of the page, and those that capture: arrays, by their ids.

        Nothing else is held, so that what the page does not hold can be collected.
        """
        nodes = await self._objects("MediaStreamAudioSourceNode", "nodes")
        capturing = await self._array(_CAPTURING, nodes, group)
        await self._page.do("Runtime.releaseObjectGroup", objectGroup="nodes")
        every = await self._array(_ALL, await self._objects("AudioContext", group), group)
        if await self._number(_LENGTH, capturing) < len(self._view.capturing):
            capturing = await self._array(_CHOSEN, every, group, await self._by_their_time(every))
        return every, capturing

    async def _by_their_time(self, every: str) -> list[int]:
        """Which of the page's contexts are those that capture, as the browser says: no node tells, but their time.

        The page may hold none of its nodes. Contexts that run have begun at different times.
        """
        result = await self._page.do(
            "Runtime.callFunctionOn", functionDeclaration=_TIMES, objectId=every, returnByValue=True
        )
        ours = list(enumerate(value_of(result)))
        found = []
        for context in self._view.open_contexts:
            with contextlib.suppress(DevToolsError):
                data = await self._page.do("WebAudio.getRealtimeData", contextId=context)
                at_s = data["realtimeData"]["currentTime"]
                if ours:
                    nearest = min(ours, key=lambda each: abs(each[1] - at_s))
                    ours.remove(nearest)
                    found += [nearest[0]] if context in self._view.capturing else []
        return found

    async def _objects(self, name: str, group: str) -> str:
        """All objects of a class; the browser collects garbage first."""
        prototype = await self._page.do("Runtime.evaluate", expression=f"{name}.prototype", objectGroup=group)
        found = await self._page.do(
            "Runtime.queryObjects", prototypeObjectId=prototype["result"]["objectId"], objectGroup=group
        )
        return str(found["objects"]["objectId"])

    async def _array(self, function: str, on: str, group: str, *arguments: object) -> str:
        found = await self._page.do(
            "Runtime.callFunctionOn",
            functionDeclaration=function,
            objectId=on,
            objectGroup=group,
            arguments=[{"value": each} for each in arguments],
        )
        value_of(found)
        return str(found["result"]["objectId"])

    async def with_objects(self, function: str, name: str, *others: str) -> int:
        """The number that a function returns, called on all objects of a class, with those of others."""
        all_of = [await self._objects(each, "objects") for each in (name, *others)]
        result = await self._page.do(
            "Runtime.callFunctionOn",
            functionDeclaration=function,
            objectId=all_of[0],
            arguments=[{"objectId": each} for each in all_of[1:]],
            returnByValue=True,
        )
        await self._page.do("Runtime.releaseObjectGroup", objectGroup="objects")
        return int(value_of(result) or 0)

    async def _deny(self, _: str) -> str:
        await self._permit("denied")
        return "the permission for the microphone is withdrawn"

    async def _end_deny(self) -> str:
        await self._permit("granted")
        return "the permission for the microphone is given again"

    async def _permit(self, setting: str) -> None:
        await self._browser.devtools.do("Browser.setPermission", permission={"name": "microphone"}, setting=setting)

    async def _stop_tracks(self, _: str) -> str:
        number = await self._number(_STOP_TRACKS, await self._objects("MediaStream", "streams"))
        await self._page.do("Runtime.releaseObjectGroup", objectGroup="streams")
        if not number:
            raise DevToolsError("the page has no captured track that is live")
        return f"{number} captured tracks were stopped"

    async def _collect_garbage(self, _: str) -> str:
        await self._page.do("HeapProfiler.collectGarbage")
        return "garbage was collected"

    # --- the system ---

    async def _stop(self, _: str) -> str:
        await self._signal("renderer", "SIGSTOP")
        return "the page's process stands still"

    async def _end_stop(self) -> str:
        await self._browser.signal("renderer", "SIGCONT")
        return "the page's process runs again"

    async def _stop_audio(self, _: str) -> str:
        await self._signal("audio", "SIGSTOP")
        return "the browser's audio process stands still"

    async def _end_stop_audio(self) -> str:
        await self._browser.signal("audio", "SIGCONT")
        return "the browser's audio process runs again"

    async def _kill_audio(self, _: str) -> str:
        await self._signal("audio", "SIGKILL")
        return "the browser's audio process was killed"

    async def _signal(self, kind: Any, name: str) -> None:
        if not await self._browser.signal(kind, name):
            raise DevToolsError(f"the browser has no {kind} process of its own")

    async def _volume(self, text: str) -> str:
        await self._sound().set_volume(text.replace(" ", ""))
        return f"the microphone is turned down by {text.lstrip('-')}"

    async def _end_volume(self) -> str:
        await self._sound().set_volume("0dB")
        return "the microphone is as loud as before"

    async def _unplug(self, _: str) -> str:
        await self._sound().unplug()
        return "the microphone is unplugged"

    async def _end_unplug(self) -> str:
        await self._sound().plug_in()
        return "the microphone is plugged in"

    def _sound(self) -> PulseDevice:
        assert self._pulse is not None, "checked before the run"
        return self._pulse
