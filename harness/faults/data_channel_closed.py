"""The data channel alone is closed; the call goes on."""

from .seams import MediaFault


class DataChannelClosed(MediaFault):
    """The data channel is closed for ever, and the audio runs on: the assistant is heard, and no event arrives."""

    name = "data-channel-closed"
    reports = ("read: @openai/agents-realtime 0.20 says connected for ever", "measured: Chromium keeps the media")
    causes = ("server_mute", "client_waiting")
    closes = "data channel"
