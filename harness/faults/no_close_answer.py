"""The server does not answer a Close: a client that waits for the answer stays in its closing handshake."""

from .seams import WireFault


class NoCloseAnswer(WireFault):
    """The server does not answer the client's Close, so that its closing handshake hangs."""

    name = "no-close-answer"
    actor = "server"
    reports = ("measured: client libraries wait up to 10 s for the answer to their Close",)
    causes = ("client_waiting",)
    transports = ("websocket",)
    answers_close = False
