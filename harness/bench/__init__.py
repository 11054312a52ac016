"""What ``stillthere bench`` measures: a load of many clients on a live server, and the memory of a long session.

A room above ``live/``: it measures any server by its URL, and no server knows it.
"""
