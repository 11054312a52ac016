"""What a shell completes: commands, options, and the names of scenarios, clients, faults and tags.

A shell asks at each Tab, so nothing of the commands is imported here: ``names.json`` says what they take.
``python -m harness.cli.describe names`` makes it.
"""
