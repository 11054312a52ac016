"""Voice clients: the interface of a client under test, a kit of parts, and the reference clients made of it."""
