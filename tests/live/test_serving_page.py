"""docs/serving.md is right: each path that it lists is served, and opens the kind of session that it says."""

import json
import re
import textwrap
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect

from harness.live.server import LiveServer

from .testing import DEAF, KEY

PAGE = (Path(__file__).parent.parent.parent / "docs" / "serving.md").read_text()
DIALS = re.findall(r"^\| `(/\S+)` \| `(\w+)` \|", PAGE, re.MULTILINE)


def test_the_page_has_every_kind_of_session():
    assert {kind for _, kind in DIALS} == {"realtime", "transcription", "translation"}


@pytest.mark.parametrize(("path", "kind"), DIALS)
async def test_a_dial_opens_the_session_that_the_page_says(path, kind):
    async with LiveServer(DEAF) as server:
        root = server.url.removesuffix("/v1/realtime")
        async with connect(root + path, additional_headers=KEY) as socket:
            created = json.loads(await socket.recv())
    assert (created["type"], created["session"]["type"]) == ("session.created", kind)


async def test_the_examples_run():
    """The page's code, one block after the other, with the port of this server."""
    openai = pytest.importorskip("openai")
    blocks = [block for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL) if "calls.create" not in block]
    if not hasattr(openai.AsyncOpenAI(api_key="any").realtime, "translations"):
        blocks = [block for block in blocks if "translations" not in block]
    async with LiveServer(DEAF) as server:
        code = "".join(blocks).replace("127.0.0.1:8765", server.url.split("/")[2])
        names: dict[str, Any] = {}
        exec(f"async def examples():\n{textwrap.indent(code, '    ')}    return client, secret, azure", names)
        client, secret, azure = await names["examples"]()
        await client.close()
        assert secret.value.startswith("ek_")
        async with azure, azure.realtime.connect(model="voice-in-europe") as connection:
            assert (await connection.recv()).type == "session.created"
