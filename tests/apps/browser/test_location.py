"""Which page is meant, and who serves it."""

import asyncio
import urllib.error
import urllib.request

import pytest

from harness.apps.browser.location import FolderHost, find_page
from harness.errors import InputError


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir("/")
    (tmp_path / "package.json").write_text("{}")
    (tmp_path / "kit").mkdir()
    (tmp_path / "kit" / "index.js").write_text("export const kit = 1;")
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "my page.html").write_text("<title>mine</title>")
    return tmp_path


@pytest.mark.parametrize("url", ["http://127.0.0.1:3000/app?x=1", "https://app.example/", "file:///tmp/app.html"])
def test_a_url_is_opened_as_it_is(url):
    assert (find_page(url).url, find_page(url).folder) == (url, None)


def test_a_name_leaves_out_a_password():
    assert find_page("https://me:secret@app.example/voice").name == "app.example/voice"


@pytest.mark.parametrize(
    ("page", "origin"),
    [
        ("https://app.example/voice", "https://app.example"),
        ("http://app.example:3000", "http://app.example:3000"),
        ("file:///tmp/app.html", "null"),
    ],
)
def test_the_page_itself_may_use_the_server_and_no_other(page, origin):
    access = find_page(page).access()
    assert access.visit({"host": "api.openai.com", "origin": origin}).refusal is None
    assert access.visit({"host": "api.openai.com", "origin": "https://other.example"}).refusal
    assert access.visit({"host": "evil.example", "origin": origin}).refusal


@pytest.mark.parametrize(
    ("text", "cure"),
    [
        ("nowhere.html", "is no file, and no URL"),
        ("http://", "names no host"),
        ("ftp://x/y", "no URL"),
        ("http://[::1", "is no URL: Invalid"),
    ],
)
def test_what_is_no_page_is_refused_in_one_sentence(text, cure):
    with pytest.raises(InputError, match=cure):
        find_page(text)


async def test_a_file_finds_what_stands_beside_its_folder(project):
    page = find_page(f"{project}/pages/my page.html?client=reported")
    assert page.name == "my page.html" and page.url == "/pages/my%20page.html?client=reported"
    host = FolderHost(page.folder)
    origin = await host.open()

    def get(path):
        with urllib.request.urlopen(origin + path, timeout=5) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read()

    try:
        assert (await asyncio.to_thread(get, page.url))[1:] == ("text/html", b"<title>mine</title>")
        assert (await asyncio.to_thread(get, "/kit/index.js"))[1] in ("text/javascript", "application/javascript")
        assert (await asyncio.to_thread(get, "/favicon.ico"))[0] == 204
        for outside in ("/../package.json", "/%2e%2e/%2e%2e/etc/passwd", "/kit/none.js", "/%00"):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                await asyncio.to_thread(get, outside)
    finally:
        host.close()
