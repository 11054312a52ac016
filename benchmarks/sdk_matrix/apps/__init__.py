"""The apps under test, each after the quick start of its SDK. They know nothing of stillthere.

An app is ``async def app(mic, speaker)``. It dials the default host of its SDK, and prints what the SDK tells its code
beyond the conversation: errors, reconnects, states of the connection.
"""
