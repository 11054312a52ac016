"""What a fault does to a real app: the errors, the times and the bytes that its own library gives it."""

from dataclasses import dataclass

import pytest

from harness.apps.play import play_apps, run_of
from harness.apps.target import find_app
from harness.apps.virtual.child import AppResult, AppTask
from harness.apps.virtual.stage import Setting
from harness.journal import AppEnded, ConnectionClosed, ConnectionOpened
from harness.verdict.judge import judge

from .testing import Apps, scenario
from .world import APPS, HEAD

pytestmark = pytest.mark.slow


@dataclass
class Played:
    task: AppTask
    result: AppResult

    @property
    def words(self) -> str:
        """With what the app ended."""
        (ended,) = run_of(self.task, self.result).journal.select(AppEnded)
        return str(ended.error).removeprefix("SystemExit: ")


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Played]:
    folder = tmp_path_factory.mktemp("world")
    with pytest.MonkeyPatch.context() as patch:
        apps = Apps(folder, patch)
        tasks = []
        for timeline, source in APPS.values():
            tasks.append(
                AppTask(scenario(folder, timeline), find_app(apps.write(HEAD + source)), Setting(), limit_s=60)
            )
        return {name: Played(*each) for name, each in zip(APPS, play_apps(tasks, jobs=2), strict=True)}


@pytest.mark.parametrize("name", ["a conversation", "make before break"])
def test_a_healthy_app_holds(played: dict[str, Played], name: str) -> None:
    run = run_of(played[name].task, played[name].result)
    assert judge(run.journal, run.scenario).name == "held"


def test_connections_overlap(played: dict[str, Played]) -> None:
    journal = run_of(played["make before break"].task, played["make before break"].result).journal
    opened = {entry.connection: entry.t for entry in journal.select(ConnectionOpened)}
    closed = {entry.connection: entry.t for entry in journal.select(ConnectionClosed)}
    assert len(closed) >= 3
    assert all(opened[number + 1] < t for number, t in closed.items())


def test_damaged_bytes_reach_the_app_as_they_are(played: dict[str, Played]) -> None:
    assert played["damaged bytes"].words.startswith("JSONDecodeError: ")


def test_keepalive_notices_a_half_open_socket(played: dict[str, Played]) -> None:
    """The library's ping at 20.06 s waits for 20 s, and its Close for another 10 s (measured live: 30 to 50 s)."""
    assert played["half open"].words == "lost at 50.06"


def test_a_reset_is_1006(played: dict[str, Played]) -> None:
    assert played["reset"].words == "code 1006 at 5.0"


def test_a_close_without_an_answer_takes_the_librarys_ten_seconds(played: dict[str, Played]) -> None:
    assert played["no answer to a Close"].words == "closed at 15.0"


def test_a_close_is_answered(played: dict[str, Played]) -> None:
    assert played["an answered Close"].words == "closed at 5.0 4000"


def test_a_dial_into_a_black_hole_waits_for_the_apps_own_time_out(played: dict[str, Played]) -> None:
    """Later SYNs are sent 1, 3, 7, 15, 31 and 63 s after the first one, at 9 s; the hole ends at 61 s."""
    gave_up, connected = (
        played["a dial into a black hole"].words.removeprefix("gave up at ").split(" and connected at ")
    )
    assert gave_up == "9.0"
    assert float(connected) == pytest.approx(9 + 63 + 0.06)


def test_a_refused_dial_is_a_refused_connection(played: dict[str, Played]) -> None:
    words = played["a dial that is refused"].words
    assert words.startswith("ConnectionRefusedError 111 at 2.0")


def test_a_stalled_wire_blocks_a_fast_sender_until_it_resumes(played: dict[str, Played]) -> None:
    """A message has 640 kB, ten are sent a second; the system takes 4 MB (Linux, tcp_wmem), the library 64 kB."""
    words = played["a stalled wire"].words.split()
    assert int(words[1]) == 8 and float(words[3]) == pytest.approx(18.3, abs=0.1) and 25 <= float(words[5]) < 25.2


def test_a_half_open_wire_blocks_a_fast_sender(played: dict[str, Played]) -> None:
    words = played["a half-open wire"].words.split()
    assert int(words[1]) == 7 and float(words[4]) == pytest.approx(16.7, abs=0.1)


def test_coarse_timers_fire_on_the_whole_second(played: dict[str, Played]) -> None:
    """A page that is not seen: one wake-up a second (docs/apps); after the return all are on time again."""
    assert played["coarse timers"].words == "7.0 8.0 9.0 10.0 11.0 16.03"


def test_a_frozen_app_goes_on_when_it_is_back(played: dict[str, Played]) -> None:
    assert played["a frozen app"].words == "9.0 9.1"
