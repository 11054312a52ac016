"""An asyncio app in virtual time, unmodified: one clock for the world, the event loop and the app's threads.

:mod:`.clock` has that clock and what a thread waits on. :mod:`.patches` puts Python's own clocks and randomness under
it, :mod:`.threads` its threads and locks; :mod:`.refusals` has what there is no virtual one of, and :mod:`.tls` what is
pretended. :mod:`.loop` is the event loop, :mod:`.network` what it has in place of a real network, to the
:mod:`.hosts` that can be dialled, by connections in :mod:`.memory`. :mod:`.stage` plays one run in this process, which
must not be used for another one; :mod:`.child` is how other processes ask for it.
"""
