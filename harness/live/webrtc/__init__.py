"""Calls over WebRTC: media and data channel of a real peer, by aiortc, which the extra ``webrtc`` installs."""
