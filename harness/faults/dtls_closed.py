"""The server ends the call by a DTLS alert, as when it is restarted or somebody hangs up."""

from .seams import MediaFault


class DtlsClosed(MediaFault):
    """The server ends the call: the data channel closes at once, and the state changes 6 s later."""

    name = "dtls-closed"
    reports = ("elevenlabs/packages#297", "measured: hangup under Chromium")
    causes = ("client_waiting",)
    closes = "call"
