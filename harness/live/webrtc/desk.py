"""The calls of a server by their ids. aiortc is imported at the first one."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from ..before_socket.calls import NewCall, StartedCall, invalid_offer
from .link import CallHandler, CallLink
from .media_loop import MediaLoop
from .sdp import InvalidOffer, readable_offer

_STOPS_WITHIN_S = 5.0
_POLLS_EVERY_S = 0.005
_REMEMBERED = 100
"""So many calls that are over can still be joined, and then are silent."""


class HandlerOfLink(CallHandler, Protocol):
    """A handler that knows its link."""

    link: CallLink


HandlerT = TypeVar("HandlerT", bound=HandlerOfLink)


class Calls(Generic[HandlerT]):
    """A :class:`harness.live.before_socket.calls.CallDesk`.

    ``admit`` makes the handler of a call whose link has answered; ``mint`` gives hex digits.
    """

    def __init__(
        self,
        admit: Callable[[NewCall, CallLink], HandlerT],
        mint: Callable[[], str],
        media: MediaLoop,
        *,
        loopback_only: bool,
    ) -> None:
        self._admit, self._mint = admit, mint
        self._loopback_only = loopback_only
        self._media = media
        self._calls: dict[str, HandlerT] = {}

    def start(self, call: NewCall) -> asyncio.Future[StartedCall]:
        """Begin a call; the future raises :exc:`VendorError` if the offer cannot be used."""
        return asyncio.ensure_future(self._start(call))

    async def _start(self, call: NewCall) -> StartedCall:
        link = CallLink(self._media, loopback_only=self._loopback_only)
        try:
            answer = await link.answer(readable_offer(call.offer, loopback_only=self._loopback_only))
        except InvalidOffer:
            raise invalid_offer() from None
        call_id = f"rtc_{self._mint()[:24]}"
        self._calls[call_id] = link.handler = self._admit(call, link)
        self._forget()
        return StartedCall(call_id, answer)

    def hang_up(self, call_id: str) -> bool:
        """End a call; False if there is none with this id."""
        call = self._calls.get(call_id)
        if call is None or call.link.ends:
            return False
        call.link.hang_up()
        return True

    def find(self, call_id: str) -> HandlerT | None:
        """The call with this id, over or not."""
        return self._calls.get(call_id)

    async def stop(self) -> None:
        """End all calls, and the thread of the media."""
        waiting = [call.link for call in self._calls.values() if not call.link.gone]
        for link in waiting:
            link.stop()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_STOPS_WITHIN_S):
                while any(not link.gone for link in waiting):
                    await asyncio.sleep(_POLLS_EVERY_S)
        await self._media.stop()

    def _forget(self) -> None:
        over = [call_id for call_id, call in self._calls.items() if call.link.gone]
        for call_id in over[: max(0, len(over) - _REMEMBERED)]:
            del self._calls[call_id]
