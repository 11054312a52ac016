"""A plugin for pytest, ``-p tests.zoo.mutated``: ``--mutant NAME`` has the tests run against a mistaken server."""

from contextlib import ExitStack

import pytest

from .servers import SERVERS

_MUTATED = pytest.StashKey[ExitStack]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--mutant", choices=[mutant.name for mutant in SERVERS], help="the server that is tested")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_MUTATED] = ExitStack()
    for mutant in SERVERS:
        if mutant.name == config.getoption("--mutant"):
            config.stash[_MUTATED].enter_context(mutant.applied())


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[_MUTATED].close()
