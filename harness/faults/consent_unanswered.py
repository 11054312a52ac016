"""The server leaves consent checks unanswered: a network stack that keeps to RFC 7675 gives the call up in mid-turn.

Reported of the service with Firefox and other stacks, while Chromium, Safari and Edge stay: their checks are answered.
"""

from .seams import MediaFault


class ConsentUnanswered(MediaFault):
    """The client's consent to send expires after 30 s, and its network stack ends the call; until then all works."""

    name = "consent-unanswered"
    reports = (
        "openai/openai-agents-js#1353",
        "elixir-webrtc/ex_ice#110",
        "shinyoshiaki/werift-webrtc#649",
        "measured: an aiortc client closes after 33.4 s",
    )
    causes = ("client_waiting", "half_open")
    stops_consent = True
