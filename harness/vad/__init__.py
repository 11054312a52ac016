"""The server's ear: detectors of speech, the frames they hear, and the automaton of turns."""
