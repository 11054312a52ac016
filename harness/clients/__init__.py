"""Voice clients: the interface of a client under test, a kit of parts, and three clients put together from it."""
