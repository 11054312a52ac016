"""The data channel stands still while the audio goes on: its association has lost its way, or a proxy holds it."""

from .seams import MediaFault


class DataChannelStalled(MediaFault):
    """No event passes in either direction while the fault lasts, then all do, in their order; audio runs both ways."""

    name = "data-channel-stalled"
    reports = ("openai/openai-realtime-console#556", "measured: SCTP held for 60 s under Chromium, without an event")
    causes = ("server_mute", "events_lost")
    stops_events = True
