"""What the pytest plugin :mod:`stillthere.pytest` loads once a test uses it; nothing here imports pytest."""
