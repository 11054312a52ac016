"""Turn detection: detectors of speech, the frames that they judge, and the automaton of turns."""
