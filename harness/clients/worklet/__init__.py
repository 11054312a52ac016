"""A user's own AudioWorklet file between the microphone and a client of the kit."""
