"""WebRTC in virtual time beside WebRTC by aiortc: the same scenarios, and the same speech under packet loss."""
