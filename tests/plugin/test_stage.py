"""The fixture ``stillthere`` in a user's test file: what passes, what fails, and what a failure says."""

import pytest

import stillthere.pytest
from harness.journal import read
from harness.plugin import realtime, runs, stage  # noqa: F401 (pytester forgets what is loaded within a run)
from harness.scenario import load
from harness.verdict.judge import judge
from harness.world.play import play

from .testing import CLIENT, OPTIONS, outcomes, text

pytest_plugins = ["pytester"]


@pytest.fixture
def run(pytester):
    """Runs pytest on a test file of these lines, with the client of the README beside it."""
    pytester.makepyfile(my_client=CLIENT)

    def run(source, *options):
        pytester.makepyfile(test_mine=source)
        return pytester.runpytest_inprocess(*OPTIONS, *options)

    return run


def test_what_holds_passes_and_what_is_deaf_fails(run):
    result = run(
        """
        from my_client import MyClient

        def test_held(stillthere):
            assert stillthere.holds("reported_freeze", "resilient").verdict.name == "held"

        def test_class(stillthere):
            stillthere.holds("keyboard_in_assistant_tail", MyClient)

        def test_deaf(stillthere):
            stillthere.holds("server_goes_mute", MyClient)

        def test_by_name(stillthere):
            stillthere.holds("server_goes_mute", "my_client:MyClient")
        """
    )
    assert outcomes(result) == {"passed": 2, "failed": 2}


def test_a_failure_shows_the_picture_and_the_command(run):
    told = text(run('def test_it(stillthere):\n    stillthere.holds("reported_freeze", "reported", seed=7)'))
    assert "E       AssertionError: The reported freeze, client reported: failed: capture_dead (the user spoke" in told
    for part in ("server hears", "microphone  ", "✖ never_silent_forever at", "cause    capture_dead"):
        assert part in told
    assert "again    stillthere run reported_freeze --client reported --seed 7" in told
    assert "harness/world" not in told


def test_the_command_says_where_the_module_of_the_client_is(pytester):
    pytester.mkpydir("tests")
    (pytester.path / "tests" / "__init__.py").unlink()
    (pytester.path / "tests" / "my_client.py").write_text(CLIENT)
    (pytester.path / "tests" / "test_mine.py").write_text(
        "from my_client import MyClient\n"
        "def test_it(stillthere):\n    stillthere.holds('server_goes_mute', MyClient)\n"
        "def test_local(stillthere):\n    class Own(MyClient): pass\n    stillthere.holds('server_goes_mute', Own)\n"
    )
    told = text(pytester.runpytest_inprocess(*OPTIONS))
    assert "again    PYTHONPATH=tests stillthere run server_goes_mute --client my_client:MyClient --seed 0" in told
    assert "again    pytest tests/test_mine.py::test_local" in told


VACUOUS = """
    from stillthere.builder import ScenarioBuilder, error, s, say
    from stillthere import dump

    scenario = (
        ScenarioBuilder("A premise that cannot be")
        .at(2 * s, say("speech_en_f_arctic_a0009"), label="asked")
        .premise(error.after("asked").within(1 * s))
        .build()
    )
"""


def test_a_vacuous_run_does_not_hold(run):
    told = run(f"{VACUOUS}\n    def test_it(stillthere):\n        stillthere.holds(scenario, 'resilient')")
    assert outcomes(told) == {"failed": 1}
    assert "A premise that cannot be, client resilient: vacuous (" in text(told)
    assert "so the run proves nothing" in text(told)
    assert "--stillthere-report DIR keeps the scenario, which is in no file" in text(told)
    assert "again    pytest test_mine.py::test_it" in text(told)


def test_plays_leaves_the_verdict_to_the_test(run):
    result = run(
        """
        def test_it(stillthere):
            played = stillthere.plays("reported_freeze", "reported", detector="energy", seed=3)
            assert str(played.verdict) == "failed: capture_dead"
            assert (played.run.client, played.run.detector, played.run.seed) == ("reported", "energy", 3)
            assert repr(played) == "<The reported freeze, client reported: failed: capture_dead>"

        def test_that(stillthere):
            assert stillthere.plays("reported_freeze", "reported").verdict.name == "held"
        """
    )
    assert outcomes(result) == {"passed": 1, "failed": 1}
    assert "-- stillthere: The reported freeze, client reported: failed: capture_dead --" in text(result)
    assert "again    stillthere run reported_freeze --client reported --seed 0" in text(result)


def test_a_run_that_did_not_hold_is_not_true(run):
    result = run(
        """
        def test_fails(stillthere):
            assert stillthere.plays("reported_freeze", "reported", detector="energy")

        def test_fails_too(stillthere):
            assert stillthere.plays("reported_freeze", "reported", detector="energy").verdict

        def test_holds(stillthere):
            assert stillthere.plays("reported_freeze", "resilient", detector="energy")
        """
    )
    assert outcomes(result) == {"passed": 1, "failed": 2}


def test_it_is_the_run_of_play(run):
    """The same journal as without pytest, byte for byte."""
    scenario = load("server_goes_mute")
    expected = play(scenario, "resilient", seed=5, settings={"chunk_ms": 40})
    assert judge(expected.journal, scenario).name == "held"
    result = run(
        f"""
        def test_it(stillthere):
            run = stillthere.holds("server_goes_mute", "resilient", seed=5, settings=dict(chunk_ms=40)).run
            assert run.journal.sha256() == {expected.journal.sha256()!r}
        """
    )
    assert outcomes(result) == {"passed": 1}


def test_a_test_with_an_event_loop(run):
    source = """
        import asyncio

        async def test_it(stillthere):
            await asyncio.sleep(0)
            stillthere.holds("server_goes_mute", "resilient")
            await asyncio.sleep(0)
    """
    assert outcomes(run(source, "--asyncio-mode=auto")) == {"passed": 1}


def test_scenarios_beside_the_test_are_found_from_anywhere(pytester):
    folder = pytester.mkdir("deep")
    (folder / "mine.yaml").write_text("scenario: mine\ntimeline:\n  - {at: 2s, say: speech_en_f_arctic_a0009}\n")
    (folder / "test_it.py").write_text("def test_it(stillthere):\n    stillthere.holds('mine.yaml', 'resilient')\n")
    assert outcomes(pytester.runpytest_inprocess(*OPTIONS)) == {"passed": 1}


RAISES = """
    from my_client import MyClient

    class Broken(MyClient):
        def hear(self, chunk, now):
            raise RuntimeError("no microphone")

    def test_it(stillthere):
        stillthere.holds("tool_call", Broken)
"""


def test_a_client_that_raises_is_shown_with_its_own_line_and_not_with_ours(run):
    told = text(run(RAISES))
    assert "RuntimeError: no microphone" in told and "test_mine.py:5" in told
    assert "ClientError" in told and "harness/world/play.py" not in told


APP = "'tool_call', app, settings=dict(chunk_ms=40)"
WRONG = {
    "no scenario file 'reported_freze'; did you mean 'reported_freeze'?": "'reported_freze', 'resilient'",
    "no client is called 'resiliant'": "'tool_call', 'resiliant'",
    "a scenario is a name, a path, or what load": "7, 'resilient'",
    "an app has no client settings (got {'chunk_ms': 40}); leave settings= out": APP,
    "could not be loaded": "'tool_call', 'nowhere:Client'",
}


@pytest.mark.parametrize("sentence", WRONG)
def test_what_is_wrong_is_one_sentence(run, sentence):
    source = f"async def app(mic, speaker): pass\ndef test_it(stillthere):\n    stillthere.holds({WRONG[sentence]})"
    result = run(source)
    assert outcomes(result) == {"failed": 1}
    lines = [line for line in result.outlines if line.startswith("E ") and sentence in line]
    assert len(lines) == 1, text(result)
    assert "harness/world/" not in text(result)


# --- --stillthere-report --------------------------------------------------------------------------------------------


def test_the_report_keeps_journal_and_picture_of_each_failed_run_named_after_the_test(run, pytester):
    source = """
        import pytest

        @pytest.mark.parametrize("client", ["reported", "resilient"])
        def test_it(stillthere, client):
            stillthere.holds("reported_freeze", client)

        def test_both(stillthere):
            outcomes = [stillthere.plays(name, "reported").verdict.name for name in ("tool_call", "server_goes_mute",
                                                                                     "half_open_socket")]
            assert outcomes == ["held"] * 3
    """
    told = text(run(source, "--stillthere-report", "kept"))
    names = {path.name for path in (pytester.path / "kept").iterdir()}
    stems = ["test_mine.test_it-reported", "test_mine.test_both", "test_mine.test_both.2"]
    assert names == {f"{stem}.{end}" for stem in stems for end in ("jsonl", "svg")}
    for stem, scenario in zip(stems, ("reported_freeze", "server_goes_mute", "half_open_socket"), strict=True):
        journal = read(pytester.path / "kept" / f"{stem}.jsonl")
        assert journal.sha256() == play(load(scenario), "reported").journal.sha256()
        assert "never_silent_forever" in (pytester.path / "kept" / f"{stem}.svg").read_text()
        assert f"{stem}.jsonl" in told


def test_a_scenario_in_no_file_is_kept_as_one_that_plays_the_same(run, pytester):
    test = "def test_it(stillthere):\n        stillthere.holds(scenario, 'reported', settings=dict(chunk_ms=40))"
    source = f"{VACUOUS}\n    {test}"
    told = text(run(source, "--stillthere-report", "kept"))
    file = pytester.path / "kept" / "test_mine.test_it.yaml"
    assert "again    stillthere run kept/test_mine.test_it.yaml --client reported --seed 0" in told
    again = play(load(file), "reported")
    kept = read(pytester.path / "kept" / "test_mine.test_it.jsonl")
    assert [e.document() for e in again.journal.entries] == [e.document() for e in kept.entries]


@pytest.mark.slow
def test_a_property_test_keeps_its_last_example(run, pytester):
    source = """
        from hypothesis import Phase, given, settings
        from stillthere import load
        from stillthere.builder import ScenarioBuilder, s
        from stillthere.strategies import fault_schedules

        @settings(max_examples=9, derandomize=True, database=None, deadline=None, phases=[Phase.generate])
        @given(fault_schedules(faults=["mute"], begin=3 * s, end=9 * s, max_faults=2))
        def test_it(stillthere, steps):
            scenario = ScenarioBuilder.from_scenario(load("push_to_talk")).add(steps).build()
            stillthere.holds(scenario, "reported", detector="energy")
    """
    result = run(source, "--stillthere-report", "kept")
    assert outcomes(result) == {"failed": 1}
    names = sorted(path.name for path in (pytester.path / "kept").iterdir())
    assert names[0] == "test_mine.test_it.jsonl" and len(names) in (2, 3)


def test_an_expected_failure_is_not_kept(run, pytester):
    source = """
        import pytest

        @pytest.mark.xfail
        def test_it(stillthere):
            stillthere.holds("reported_freeze", "reported")
    """
    assert outcomes(run(source, "--stillthere-report", "kept")) == {"xfailed": 1}
    assert list((pytester.path / "kept").iterdir()) == []


def test_a_folder_that_cannot_be_written_is_one_sentence_before_any_test(run, pytester):
    pytester.makefile(".txt", kept="a file")
    result = run("def test_it(): pass", "--stillthere-report", "kept.txt")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    (line,) = result.errlines[-1:] if result.errlines[-1] else result.errlines[-2:-1]
    assert line.startswith("ERROR: --stillthere-report ") and "kept.txt cannot be written (" in line
    assert line.endswith("); give another folder")


def test_a_folder_that_goes_away_loses_no_verdict(run, pytester):
    source = """
        import pathlib

        def test_it(stillthere):
            pathlib.Path("kept").rmdir()
            pathlib.Path("kept").write_text("in the way")
            stillthere.holds("reported_freeze", "reported")
    """
    result = run(source, "--stillthere-report", "kept")
    assert outcomes(result) == {"failed": 1}
    assert "failed: capture_dead" in text(result) and "kept cannot be written (" in text(result)


@pytest.mark.slow
def test_it_works_in_the_processes_of_xdist(pytester):
    pytester.makepyfile(
        test_mine="""
        import pytest

        @pytest.mark.scenarios("closed_* or reported_freeze")
        @pytest.mark.parametrize("client", ["reported", "resilient"])
        def test_it(stillthere, scenario, client):
            stillthere.holds(scenario, client)
        """
    )
    result = pytester.runpytest_subprocess(*OPTIONS, "-n2", "--stillthere-report", "kept")
    expected = {f"{name}" for name in ("reported_freeze",)}
    assert outcomes(result) == {"passed": 7, "failed": 1}
    names = {path.name for path in (pytester.path / "kept").iterdir()}
    assert names == {f"test_mine.test_it-{name}-reported.{end}" for name in expected for end in ("jsonl", "svg")}
    assert "again    stillthere run reported_freeze --client reported --seed 0" in text(result)


# --- the marker -----------------------------------------------------------------------------------------------------


def test_the_marker_runs_the_test_for_each_scenario(run):
    source = """
        import pytest

        pytestmark = pytest.mark.scenarios("tag:keyboard and not reported_freeze or tool_call")

        def test_it(scenario):
            assert scenario.path.stem == "tool_call" or "keyboard" in scenario.tags

        @pytest.mark.scenarios("half_open_socket")
        def test_that(scenario):
            assert scenario.name == "The socket is half open"
    """
    result = run(source, "--strict-markers", "-vv")
    assert outcomes(result) == {"passed": 4}
    for name in ("test_it[keyboard_in_assistant_tail]", "test_it[tool_call]", "test_that[half_open_socket]"):
        assert f"test_mine.py::{name} PASSED" in text(result)


def test_the_marker_over_a_folder_beside_the_test(pytester):
    folder = pytester.mkdir("deep")
    (folder / "mine").mkdir()
    for tag in ("capture", "wire"):
        content = f"scenario: {tag}\ntimeline:\n  - {{at: 1s, say: babble}}\ntags: [{tag}]\n"
        (folder / "mine" / f"my_{tag}.yaml").write_text(content)
    (folder / "test_it.py").write_text(
        "import pytest\n@pytest.mark.scenarios('tag:wire', folder='mine')\n"
        "def test_it(scenario):\n    assert scenario.name == 'wire'\n"
    )
    assert outcomes(pytester.runpytest_inprocess(*OPTIONS)) == {"passed": 1}


MARKED = {
    "no scenario has the tag 'captur'; did you mean 'capture'?": ("'tag:captur'", "scenario"),
    "no scenario is called 'reported_freze'; did you mean 'reported_freeze'?": ("'reported_freze'", "scenario"),
    "'tool_call or' is wrong at its end": ("'tool_call or'", "scenario"),
    "gives each scenario as the argument `scenario`; the test has none": ("'tool_call'", ""),
    "takes one expression, such as 'tag:capture or reported_freeze', and folder=": ("'a', 'b'", "scenario"),
    "there is no folder": ("'a', folder='nowhere'", "scenario"),
}


@pytest.mark.parametrize("sentence", MARKED)
def test_a_wrong_marker_is_one_error_at_collection(run, sentence):
    expression, argument = MARKED[sentence]
    result = run(f"import pytest\n@pytest.mark.scenarios({expression})\ndef test_it({argument}): pass")
    assert outcomes(result) == {"errors": 1}
    assert sum(sentence in line for line in result.outlines) == 1, text(result)
    assert "Traceback" not in text(result) and "pytest.py" not in text(result)


def test_the_classes_for_type_hints_are_there():
    for name in stillthere.pytest.__all__:
        assert getattr(stillthere.pytest, name).__name__ == name
    with pytest.raises(AttributeError, match="has no attribute 'stage'"):
        stillthere.pytest.stage  # noqa: B018


@pytest.mark.slow  # a process for each run
def test_an_app_of_the_test_file_itself_is_judged(run):
    """Ten lines of a user's: an async function, in a test module that no other process imports by its name."""
    told = text(
        run(
            """
            import asyncio, base64, json, pytest, websockets

            async def app(mic, speaker):
                url = "wss://api.openai.com/v1/realtime?model=gpt-realtime"
                async with websockets.connect(url, additional_headers={"Authorization": "Bearer any"}) as socket:
                    async def send():
                        async for pcm in mic:
                            audio = base64.b64encode(pcm).decode()
                            await socket.send(json.dumps({"type": "input_audio_buffer.append", "audio": audio}))
                    sending = asyncio.create_task(send())
                    async for text in socket:
                        event = json.loads(text)
                        if event["type"] == "response.output_audio.delta":
                            speaker.play(base64.b64decode(event["delta"]))
                        elif event["type"] == "input_audio_buffer.speech_started":
                            speaker.stop()

            @pytest.mark.parametrize("scenario", ["keyboard_in_assistant_tail", "server_goes_mute"])
            def test_app(stillthere, scenario):
                stillthere.holds(scenario, app)
            """
        )
    )
    assert "1 failed, 1 passed" in told
    assert "The server goes mute, app test_mine:app: failed: server_mute" in told
    assert "stillthere run server_goes_mute --app test_mine:app --seed 0" in told
