"""A proxy before a real endpoint: it records what passes, and injects faults of the network and of the microphone."""
