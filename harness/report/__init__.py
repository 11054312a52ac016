"""Reports of a run: :mod:`~harness.report.lanes` says what is to be seen, the other modules draw or tell it."""
