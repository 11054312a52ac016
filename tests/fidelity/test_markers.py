"""Which tests prove which behaviour."""

import pytest

from harness.errors import InputError
from harness.fidelity import BEHAVIOURS
from harness.fidelity.markers import ProvingTest, proving_tests

TESTS = """
import pytest

@pytest.mark.behaviour("audio-clock", "formats")
@pytest.mark.parametrize("rate", [1, 2])
def test_both(rate): ...

class TestIt:
    @pytest.mark.behaviour(
        "formats",
    )
    async def test_one(self): ...

    def test_none(self): ...
"""


@pytest.fixture
def folder(tmp_path):
    inner = tmp_path / "tests" / "room"
    inner.mkdir(parents=True)
    (inner / "test_it.py").write_text(TESTS)
    return tmp_path / "tests"


def test_each_test_by_its_behaviours(folder):
    both, one = (
        ProvingTest("tests/room/test_it.py", "test_both"),
        ProvingTest("tests/room/test_it.py", "TestIt::test_one"),
    )
    found = {behaviour: tests for behaviour, tests in proving_tests(folder).items() if tests}
    assert found == {"audio-clock": [both], "formats": [both, one]}
    assert set(proving_tests(folder)) == {row.id for row in BEHAVIOURS}


def test_an_unknown_behaviour_gets_a_suggestion(folder):
    (folder / "test_more.py").write_text(TESTS.replace("audio-clock", "audio-clok"))
    with pytest.raises(InputError, match=r"tests/test_more\.py:4: .* 'audio-clok'; did you mean 'audio-clock'\?"):
        proving_tests(folder)


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match="there is no folder"):
        proving_tests(tmp_path / "tests")
