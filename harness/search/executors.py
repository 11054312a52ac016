"""Executors by their address: a Dask cluster, ``dask://HOST:PORT`` of its scheduler."""

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

from ..errors import InputError, SettingError

_DASK = "dask://"
_WAIT_S = 10


@contextmanager
def executor_at(address: str | None) -> Iterator[Executor | None]:
    """The executor at an address; None, for processes of this machine, if there is no address."""
    if address is None:
        yield None
        return
    if not address.startswith(_DASK):
        raise SettingError(f"--executor {address!r} is not known; give the address of a scheduler as dask://HOST:PORT")
    try:
        from distributed import Client
    except ImportError:
        raise SettingError(f"--executor {address} needs Dask; run: pip install 'stillthere[dask]'") from None
    try:
        client = Client(f"tcp://{address.removeprefix(_DASK)}", timeout=_WAIT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        why = str(error) or type(error).__name__
        raise InputError(f"no Dask scheduler answers at {address}: {why}; start one") from None
    with client:
        executor = client.get_executor(pure=False)
        try:
            yield executor
        finally:
            executor.shutdown(wait=False)
