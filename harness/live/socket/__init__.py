"""From a TCP connection to the messages of a WebSocket: HTTP, the handshakes, frames, and what a client may hold."""
