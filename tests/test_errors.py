import inspect

import pytest

import harness.errors
from harness.errors import (
    AudioError,
    ClientError,
    InputError,
    Problem,
    ProtocolError,
    ScenarioError,
    SettingError,
    StillthereError,
    did_you_mean,
    file_for_module,
)


def test_the_tree_is_told_in_the_docstring():
    classes = [each for _, each in inspect.getmembers(harness.errors, inspect.isclass) if issubclass(each, Exception)]
    assert all(f":exc:`{each.__name__}`" in harness.errors.__doc__ for each in classes)


@pytest.mark.parametrize(
    ("error", "exit_code"),
    [(AudioError, 2), (SettingError, 2), (ScenarioError, 2), (InputError, 2), (ClientError, 4), (StillthereError, 5)],
)
def test_each_error_has_its_exit_code(error, exit_code):
    assert issubclass(error, StillthereError) and error.exit_code == exit_code


def test_a_protocol_error_never_leaves_the_server():
    """So it is not an error that the user sees."""
    error = ProtocolError("c", "m")
    assert not isinstance(error, StillthereError)
    assert (error.code, error.message, error.param, error.error_type) == ("c", "m", None, "invalid_request_error")
    assert str(error) == "m"


def test_problems_come_in_the_order_of_the_file():
    late, early, column = (
        Problem("a.yaml", 9, 1, "late"),
        Problem("a.yaml", 2, 5, "early"),
        Problem("a.yaml", 2, 7, "b"),
    )
    error = ScenarioError([late, column, early])
    assert error.problems == (early, column, late)
    assert str(error).splitlines() == ["a.yaml:2:5: early", "a.yaml:2:7: b", "a.yaml:9:1: late"]


@pytest.mark.parametrize(
    ("name", "tail"),
    [("wegde", "did you mean 'wedge'?"), ("zzz", "known: reset, wedge"), ("", "known: reset, wedge")],
)
def test_did_you_mean(name, tail):
    assert did_you_mean(name, iter(["reset", "wedge"])) == tail


def test_names_that_are_equally_near_are_all_proposed_in_their_order():
    known = ["pcm16", "pcm24", "ulaw"]
    assert did_you_mean("pcm", known) == "did you mean 'pcm16' or 'pcm24'?"
    assert did_you_mean("pcm26", known) == "did you mean 'pcm16' or 'pcm24'?"
    assert did_you_mean("pcm1", known) == "did you mean 'pcm16'?"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("my_client", ""),
        ("voice.my_client", ""),
        ("my_client.py", "names a file; name its module: my_client:C"),
        ("./my_client.py", "names a file; name its module: my_client:C"),
        ("./my_client", "names a file; name its module: my_client:C"),
        ("voice/my_client.py", "names a file; name its module: voice.my_client:C"),
        ("voice/../my_client.py", "names a file; name its module: my_client:C"),
        (".my_client", "names a file; name its module: my_client:C"),
        ("../voice/my_client.py", "go to its folder (cd ../voice) and name its module: my_client:C"),
        ("/srv/my_client.py", "go to its folder (cd /srv) and name its module: my_client:C"),
    ],
)
def test_a_file_where_a_module_is_meant_is_told_the_module(name, told):
    found = file_for_module(name, ":C")
    assert found.endswith(told) and bool(found) == bool(told)
