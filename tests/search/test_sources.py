"""Which files are the user's project: those beside the client, and no others."""

import sys

import pytest

from harness.search.sources import source_of, sources_of


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A package with a client that imports a module of it, one of a subpackage and the standard library."""
    package = tmp_path / "sources_own"
    (package / "sub").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "client.py").write_text("import json\nfrom . import gate\nfrom .sub import timer\nclass Mine: pass\n")
    (package / "gate.py").write_text("LIMIT = 1\n")
    (package / "unused.py").write_text("")
    (package / "sub" / "__init__.py").write_text("")
    (package / "sub" / "timer.py").write_text("")
    (tmp_path / "sources_beside.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    yield package
    for name in [name for name in sys.modules if name.startswith("sources_")]:
        del sys.modules[name]


def test_a_project_is_the_imported_modules_of_the_clients_package(project):
    __import__("sources_own.client")
    __import__("sources_beside")
    files = {"__init__.py", "client.py", "gate.py", "sub/__init__.py", "sub/timer.py"}
    assert set(sources_of("sources_own.client:Mine")) == files


def test_a_change_of_any_module_is_another_source(project):
    __import__("sources_own.client")
    before = source_of("sources_own.client:Mine")
    (project / "unused.py").write_text("more = 1")
    assert source_of("sources_own.client:Mine") == before
    (project / "gate.py").write_text("LIMIT = 2\n")
    assert source_of("sources_own.client:Mine") != before


def test_of_a_single_file_the_modules_beside_it_count(project):
    __import__("sources_own.client")
    __import__("sources_beside")
    found = sources_of("sources_beside:Mine")
    assert "sources_beside.py" in found and "sources_own/gate.py" in found


def test_a_client_of_ours_has_none():
    assert sources_of("resilient") == {} and source_of("resilient") is None


def test_a_worklets_source_is_the_javascript_beside_it(tmp_path):
    (tmp_path / "gate.js").write_text("1")
    (tmp_path / "gate.page.js").write_text("2")
    (tmp_path / "notes.txt").write_text("3")
    client = f"reported:{tmp_path / 'gate.js'}"
    before = source_of(client)
    assert set(sources_of(client)) == {"gate.js", "gate.page.js"}
    (tmp_path / "gate.page.js").write_text("4")
    assert source_of(client) != before
