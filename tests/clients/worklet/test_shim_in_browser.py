"""The shim gives what Chromium's OfflineAudioContext gives, bit for bit (`make test-browser`)."""

import asyncio
import base64
import functools
import http.server
import json
import threading

import numpy as np
import pytest

from harness.errors import ClientError
from tests.clients.worklet.testing import FILES, Ready, noise
from tests.live.control.browser import chromium, tab

SECONDS = 3
AT_FRAME = 24_064
"""When the page says that the assistant speaks: a whole number of quanta."""
RENDER = """(async () => {
  const bytes = (text) => Uint8Array.from(atob(text), (each) => each.charCodeAt(0));
  const text = (view) => {
    let all = '';
    for (const each of new Uint8Array(view.buffer, view.byteOffset, view.byteLength)) all += String.fromCharCode(each);
    return btoa(all);
  };
  const heard = new Float32Array(bytes('%(heard)s').buffer);
  const context = new OfflineAudioContext(1, heard.length, %(rate)d);
  await context.audioWorklet.addModule('/%(file)s');
  const buffer = context.createBuffer(1, heard.length, %(rate)d);
  buffer.copyToChannel(heard, 0);
  const source = new AudioBufferSourceNode(context, { buffer });
  const node = new AudioWorkletNode(context, '%(name)s', %(options)s);
  const posted = [];
  node.port.onmessage = ({ data }) => posted.push(data);
  source.connect(node).connect(context.destination);
  source.start();
  if (%(tell)s) {
    context.suspend(%(at)d / %(rate)d).then(() => { node.port.postMessage(%(tell)s); context.resume(); });
  }
  const rendered = await context.startRendering();
  await new Promise((resolve) => setTimeout(resolve, 500));
  const isAudio = (each) => ArrayBuffer.isView(each) || each instanceof ArrayBuffer;
  const audio = posted.map((data) => data.pcm ?? data).filter(isAudio);
  return {
    output: text(rendered.getChannelData(0)),
    posted: audio.map((each) => text(new Int16Array(each.buffer ?? each))),
    others: posted.filter((data) => Array.isArray(data)),
  };
})()"""


class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def render(tmp_path_factory):
    """Renders a worklet's file in Chromium."""
    folder = tmp_path_factory.mktemp("page")
    for file in FILES.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    (folder / "names.js").write_text(NAMES.replace("THROWS", "false"))
    (folder / "index.html").write_text("<!doctype html>")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()

    async def rendered(port, **values):
        async with tab(port) as page:
            await page.do("Page.navigate", url=f"http://127.0.0.1:{server.server_port}/")
            await page.until("isSecureContext && location.port && document.readyState === 'complete'")
            result = await page.do(
                "Runtime.evaluate", expression=RENDER % values, awaitPromise=True, returnByValue=True
            )
            assert "exceptionDetails" not in result, result
            return result["result"]["value"]

    with chromium(tmp_path_factory.mktemp("profile")) as port:
        yield lambda **values: asyncio.run(rendered(port, **values))
    server.shutdown()


def both(render, file, name, rate_hz=24_000, options=None, settings=None, tell=None):
    """What Chromium gives of noise, and what the shim does."""
    heard = noise(SECONDS, rate_hz, rms=0.05)
    heard = heard[: heard.size // 128 * 128]
    mono = {"channelCount": 1, "channelCountMode": "explicit"}
    found = render(
        heard=base64.b64encode(heard.tobytes()).decode(),
        rate=rate_hz,
        file=file,
        name=name,
        options=json.dumps({**mono, **(options or {})}),
        tell=json.dumps(tell),
        at=AT_FRAME,
    )
    ready = Ready(FILES / file, settings)
    pieces = ready.hear(heard[:AT_FRAME])
    if tell is not None:
        ready.process.assistant(True)
    return found, [*pieces, *ready.hear(heard[AT_FRAME:])]


def posted(found):
    return [np.frombuffer(base64.b64decode(each), "<i2") for each in found["posted"]]


def output(found):
    return base64.b64decode(found["output"])


def test_a_gate_that_is_told_that_the_assistant_speaks(render):
    values = {"threshold": 0.05, "bargeIn": 0.08, "chunk": 480}
    found, given = both(
        render, "gate.js", "gate", options={"processorOptions": values}, settings=values, tell={"speaking": True}
    )
    theirs = posted(found)
    assert len(theirs) == len(given) > 140
    passed = [piece.any() for piece in theirs]
    assert any(passed[:48]) and not all(passed[:48]) and sum(passed[52:]) < len(passed[52:]) / 2
    for one, other in zip(theirs, given, strict=True):
        assert np.array_equal(one, other)


def test_a_downsampler(render):
    found, given = both(render, "downsample.js", "downsample", rate_hz=48_000)
    theirs = posted(found)
    assert len(theirs) == len(given) > 140
    assert all(np.array_equal(one, other) for one, other in zip(theirs, given, strict=True))


@pytest.mark.parametrize("values", [{}, {"gain": 0.3, "offset": -0.2}, {"gain": 7}])
def test_parameters(render, values):
    found, given = both(render, "parameters.js", "parameters", options={"parameterData": values}, settings=values)
    assert output(found) == np.concatenate(given).tobytes()


def test_state_over_all_samples_an_import_and_a_processor_that_returns_nothing(render):
    found, given = both(render, "state.js", "state")
    assert output(found) == np.concatenate(given).tobytes()
    assert len(found["others"]) == SECONDS * 24_000 // 1024 + 1
    assert [each[:3] for each in found["others"][:2]] == [[0, 0, 24_000], [1024, 1024 / 24_000, 24_000]]


LATER = {"Temporal", "Float16Array", "Iterator", "SuppressedError", "DisposableStack", "AsyncDisposableStack"}
"""What is new in the language, and in Chromium before it is in Node."""
UNUSED = {"QuotaExceededError", "WorkletGlobalScope", "AudioWorkletGlobalScope", "UserActivation"}
ISOLATED = {"SharedArrayBuffer"}
"""What a page has only if it is isolated from others."""


NAMES = (
    "registerProcessor('names', class extends AudioWorkletProcessor { process() {"
    " const names = Object.getOwnPropertyNames(globalThis);"
    " this.port.postMessage(names); if (THROWS) throw names.join(' '); return true; } });"
)


def test_the_global_names_are_those_of_chromium(render, tmp_path):
    """So that a worklet that needs another one fails here too."""
    file = tmp_path / "names.js"
    file.write_text(NAMES.replace("THROWS", "true"))
    with pytest.raises(ClientError) as raised:
        Ready(file)
    ours = set(str(raised.value).split("0.000 s: ")[1].split())
    found = render(heard=base64.b64encode(bytes(4 * 128)).decode(), rate=24_000, file="names.js", name="names",
                   options="{}", tell="null", at=0)  # fmt: skip
    theirs = set(found["others"][0])
    assert theirs - ours <= LATER | UNUSED
    assert ours - theirs <= ISOLATED | LATER
