"""A worklet in its process: what it is given, what it gives, and what is said if it is broken."""

import numpy as np
import pytest

from harness.errors import ClientError
from tests.clients.worklet.testing import FILES, Ready, needs_node, noise

pytestmark = needs_node

REGISTERED = "registerProcessor('mine', class extends AudioWorkletProcessor {{ {} }});"
PASSES = "process([[samples]], [[output]]) { output.set(samples); return true; }"


@pytest.fixture
def written(tmp_path):
    """Makes a worklet's file, and a page file if there is a text for it."""

    def write(text, page=None):
        (tmp_path / "mine.js").write_text(text)
        if page is not None:
            (tmp_path / "mine.page.js").write_text(page)
        return tmp_path / "mine.js"

    return write


def said_of(file, settings=None):
    with pytest.raises(ClientError) as raised:
        Ready(file, settings).hear(noise(1))
    sentence = str(raised.value)
    assert "\n" not in sentence
    return sentence.removeprefix(f"{file}:")


def test_what_it_renders_is_given_bit_for_bit_whatever_the_chunks(written):
    file = written(REGISTERED.format(PASSES))
    heard = noise(1)
    for chunk in (480, 100, 24_000):
        given = np.concatenate(Ready(file).hear(heard, chunk))
        whole = heard.size // 128 * 128
        assert np.array_equal(given, heard[:whole]), chunk  # what is left is less than a quantum


def test_chunks_that_it_posts_are_what_the_gate_of_the_report_would_send():
    """By the definition of the gate, in another language: RMS of 480 samples against the threshold."""
    worklet = Ready(FILES / "gate.js", {"threshold": 0.1})
    heard = noise(1)
    given = worklet.hear(heard)
    assert worklet.probed.sends == "messages" and worklet.probed.processor == "gate"
    chunks = heard[: 480 * len(given)].reshape(-1, 480)
    passes = np.sqrt((chunks.astype(np.float64) ** 2).mean(axis=1)) >= 0.1
    assert 5 < passes.sum() < len(given) - 5
    for chunk, piece, passed in zip(chunks, given, passes, strict=True):
        assert np.array_equal(piece, np.trunc(chunk * 32768) * passed)


def test_the_page_file_tells_it_that_the_assistant_speaks():
    worklet = Ready(FILES / "gate.js", {"threshold": 0, "bargeIn": 1})
    assert all(piece.any() for piece in worklet.hear(noise(0.2)))
    worklet.process.assistant(True)
    assert not any(piece.any() for piece in worklet.hear(noise(0.2))[1:])
    worklet.process.open_gate()
    assert all(piece.any() for piece in worklet.hear(noise(0.2))[1:])


def test_settings_are_parameters_or_options():
    quiet = Ready(FILES / "parameters.js", {"gain": 0.5, "offset": 0})
    assert quiet.probed.takes == ("gain", "offset") and quiet.probed.sends == "output"
    heard = noise(0.1)
    assert np.allclose(np.concatenate(quiet.hear(heard)), heard[: heard.size // 128 * 128] / 2)
    clamped = Ready(FILES / "parameters.js", {"gain": 5, "offset": 0})  # to its maxValue, 2
    assert np.allclose(np.concatenate(clamped.hear(heard)), heard[: heard.size // 128 * 128] * 2)


def test_a_setting_that_nothing_asks_for_is_known():
    assert Ready(FILES / "gate.js", {"treshold": 0.1}).probed.unused == ("treshold",)


def test_time_and_randomness_are_the_same_in_each_run(written):
    body = (
        "process([[samples]], [[output]]) {"
        " output[0] = Math.random(); output[1] = currentFrame; output[2] = currentTime;"
        " output[3] = Date.now() - Date.UTC(2026, 0, 1); output[4] = new Date().getFullYear(); return true; }"
    )
    file = written(REGISTERED.format(body))
    first, second = (np.concatenate(Ready(file).hear(noise(1))).reshape(-1, 128) for _ in range(2))
    assert np.array_equal(first, second)
    assert len(set(first[:, 0])) > 100
    assert first[3, 1] == 384 and first[3, 2] == np.float32(384 / 24_000) and first[100, 3] == 533


def test_one_process_hears_one_worklet_after_the_other(written):
    """Nothing is left of the one before: no module state, no global."""
    counts = "let count = globalThis.kept ?? 0; globalThis.kept = 1000;" + REGISTERED.format(
        "process(inputs, [[output]]) { output.fill(++count); return true; }"
    )
    ready = Ready(written(counts))
    before = np.concatenate(ready.hear(noise(0.1)))
    ready.process.load(FILES / "gate.js", {})
    ready.process.load(written(counts), {})
    ready.process.probe(noise(1))
    assert np.array_equal(np.concatenate(ready.hear(noise(0.1))), before)


def test_a_transferred_buffer_is_gone_and_promises_are_settled_between_quanta(written):
    body = (
        "process(inputs, [[output]]) { const sent = new Int16Array(128).fill(1);"
        " this.port.postMessage(sent.buffer, [sent.buffer]); if (sent.length) throw Error('not gone');"
        " const was = this.later; Promise.resolve().then(() => 0).then(() => (this.later = currentFrame));"
        " if (currentFrame && was !== currentFrame - 128) throw Error(`later is ${was}`); return true; }"
    )
    assert len(Ready(written(REGISTERED.format(body))).hear(noise(0.2))) == 37


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("process() {\n null.x; }", "2: the worklet raised in process() at 0.000 s: TypeError: Cannot read properties"),
        ("constructor(o) {\n super(); o.none.x; }", "2: the worklet raised in new "),
        (
            "process() {\n setTimeout(() => 0); }",
            "2: the worklet raised in process() at 0.000 s: ReferenceError: setTim",
        ),
        ("process() {\n this.port.postMessage(() => 0); }", "2: the worklet raised in process() at 0.000 s: DataClone"),
        ("process() { throw 'words'; }", " the worklet raised in process() at 0.000 s: words"),
        ("", " the processor 'mine' has no process()"),
        ("process() {", "1: the worklet cannot be loaded: SyntaxError: "),
        ("process() { return true; }", " of a loud voice it gave no sound at its output and posted nothing; "),
        (
            "process([[x]]) { this.port.postMessage({ level: 1, all: [...x] }); }",
            " of a loud voice it gave no sound at its output and posted an object with level, all (an array of 128); ",
        ),
        ("process([[x]]) { this.port.postMessage(x.slice().buffer); }", " it posts 48000 samples a second, where "),
        (
            "process(i, [[o]]) { o.fill(1); if (currentTime > 0.5) {\n throw 1; } }",
            " the worklet raised in process() at 0.501 s: 1",
        ),
    ],
)
def test_a_broken_worklet_is_one_sentence_with_its_place(written, body, sentence):
    assert said_of(written(REGISTERED.format(body))).startswith(sentence)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", " it registered no processor; "),
        ("import './none.js';", " it imports "),
        ("import 'lodash';", " it imports 'lodash'; a worklet imports files by their paths"),
        (REGISTERED.format(PASSES) + REGISTERED.format(PASSES), "1: the worklet cannot be loaded: TypeError: the name"),
    ],
)
def test_a_module_that_cannot_be_loaded_is_one_sentence(written, text, sentence):
    assert said_of(written(text)).startswith(sentence)


def test_the_page_file_says_which_processor_and_which_part_of_a_message(written):
    text = REGISTERED.format("process() { return true; }") + (
        "registerProcessor('other', class extends AudioWorkletProcessor {"
        " process([[x]]) { this.port.postMessage({ levels: x, frame: { bytes: x.slice().buffer } }); return true; } });"
    )
    assert "it registers mine, other; say in the page file" in said_of(written(text))
    page = (
        "export const processor = 'other';export const audio = ({ frame }) => frame && new Float32Array(frame.bytes);"
    )
    heard = noise(0.1)
    assert np.array_equal(np.concatenate(Ready(written(text, page)).hear(heard)), heard[: heard.size // 128 * 128])


def test_a_mistake_in_the_page_file_names_it(written):
    page = "export function assistant(node) {\n  node.prot.postMessage(1);\n}"
    ready = Ready(written(REGISTERED.format(PASSES), page))
    ready.process.assistant(True)
    with pytest.raises(
        ClientError, match=r"mine\.page\.js:2: the worklet raised in assistant\(\) of the page file: Type"
    ):
        ready.hear(noise(0.1))


def test_a_process_that_is_gone_is_one_sentence():
    ready = Ready(FILES / "gate.js")
    ready.process._child.kill()
    with pytest.raises(ClientError, match=r"gate\.js: the Node process that runs it ended with code -9"):
        ready.hear(noise(1))
    assert not ready.process.is_alive


@pytest.mark.slow
def test_a_worklet_that_does_not_return_is_ended(written):
    body = "process(i, [[o]]) { o.fill(1); while (currentTime > 0.5); }"
    assert said_of(written(REGISTERED.format(body))) == " process() did not return within 10 s, at 0.501 s"


BOTH = REGISTERED.format("process([[x]], [[o]]) { o.fill(0.5); this.port.postMessage(x.slice()); return true; }")


@pytest.mark.parametrize(("sends", "expected"), [(None, "messages"), ("messages", "messages"), ("output", "output")])
def test_of_two_ways_the_page_file_says_which_is_sent(written, sends, expected):
    """Many worklets post what they capture for a meter, and give the gated audio at their output."""
    ready = Ready(written(BOTH, None if sends is None else f"export const sends = '{sends}';"))
    assert ready.probed.sends == expected
    assert np.all(np.concatenate(ready.hear(noise(0.1))) == 0.5) == (expected == "output")


def test_a_way_that_does_not_exist_is_said(written):
    assert said_of(written(BOTH, "export const sends = 'outputs';")).endswith("say 'messages' or 'output'")
