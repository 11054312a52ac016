"""Most cells of a sweep without playing them, and exactly.

One cell is played and recorded. What the gate of another cell would have let pass of the same audio, and what the
server's ear would have made of that, is computed for all cells at once. As long as both turn automata say the same at
the same frames, and the user hears answers to the same words, nothing else in the run can differ, so the cell shares
the run. Where cells part, one of each new kind is played in turn. What a recording cannot vouch for is compared by what
was sent, or played; so is one of which not even the recorded cell can be computed.
"""
