"""What the catalogue promises of every fault: a name, a description, reports, a file, and parameters in words."""

import dataclasses
import importlib
import inspect
import pkgutil
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import faults
from harness.causes import CAUSES
from harness.errors import SettingError
from harness.faults import CATALOGUE, MEDIA, MICROPHONE, NETWORK, SERVER, Fault, parameters, seams
from tests.faults.strategies import drawn

REPORT = re.compile(r"[\w.-]+/[\w.-]+#\d+|community \d+|(measured|read|inferred): .+")
EVERY = pytest.mark.parametrize("fault", CATALOGUE.values(), ids=CATALOGUE)


def described(fault: type[Fault]) -> str:
    """The first line of a fault's own docstring."""
    return (vars(fault).get("__doc__") or "").partition("\n")[0]


def test_the_names_scenarios_are_written_with():
    assert {"near-silent", "zeroed", "suspended"} <= MICROPHONE.keys()
    assert {"half-open", "stall", "reset"} <= NETWORK.keys()
    assert {"mute", "held-active", "held-idle", "stalled-reply"} <= SERVER.keys()


def test_every_fault_that_exists_is_in_the_catalogue_once_and_has_one_actor():
    modules = [importlib.import_module(f"harness.faults.{each.name}") for each in pkgutil.iter_modules(faults.__path__)]
    members = (each for module in modules for each in vars(module).values())
    known = {each for each in members if inspect.isclass(each) and issubclass(each, Fault)}
    bases = {base for each in known for base in each.__mro__[1:]}
    bases |= {each for each in vars(seams).values() if inspect.isclass(each)}
    assert set(CATALOGUE.values()) == known - bases
    assert sorted([*MICROPHONE, *NETWORK, *SERVER, *MEDIA]) == sorted(CATALOGUE)


def test_the_catalogue_is_ordered_from_the_microphone_to_the_media():
    order = ("source", "detector", "policy", "wire", "media")
    assert list(CATALOGUE.values()) == sorted(CATALOGUE.values(), key=lambda each: (order.index(each.seam), each.name))


@EVERY
def test_a_fault_has_a_name_that_can_be_written_without_quotes(fault):
    assert CATALOGUE[fault.name] is fault
    assert all(part.isalnum() and part.islower() for part in fault.name.split("-"))


@EVERY
def test_a_fault_has_a_description_of_its_own(fault):
    assert not described(fault).startswith(f"{fault.__name__}(")  # what dataclasses write where nothing is
    assert described(fault).endswith(".")
    assert [each.name for each in CATALOGUE.values() if described(each) == described(fault)] == [fault.name]


@EVERY
def test_a_fault_says_where_it_was_seen_and_what_silence_may_come_of_it(fault):
    assert fault.reports
    assert all(REPORT.fullmatch(report) for report in fault.reports)
    assert set(fault.causes) <= CAUSES.keys()


@EVERY
def test_a_fault_has_a_file_of_its_own(fault):
    assert [each.name for each in CATALOGUE.values() if each.__module__ == fault.__module__] == [fault.name]
    assert (inspect.getmodule(fault).__doc__ or "").strip()


@EVERY
def test_a_fault_is_a_value(fault):
    assert fault() == fault()
    for each in dataclasses.fields(fault):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(fault(), each.name, each.default)


@EVERY
def test_the_parameters_of_a_fault_are_documented_and_distinct(fault):
    said = parameters.documentation(fault)
    assert len(said) == len(dataclasses.fields(fault))
    assert all(text.endswith(".") for text in said.values())
    assert parameters.given(fault()) == {}


@pytest.mark.slow
@EVERY
@settings(max_examples=30)
@given(data=st.data())
def test_property_parameters_are_read_back_as_they_were_written(fault, data):
    one = data.draw(drawn(fault))
    written = parameters.given(one)
    assert parameters.make(fault, written) == one
    assert written.keys() <= parameters.kinds(fault).keys()


@EVERY
def test_an_unknown_parameter_is_a_mistake(fault):
    with pytest.raises(SettingError, match=f"the fault '{fault.name}' has no parameter 'loudness'"):
        parameters.make(fault, {"loudness": 11})
