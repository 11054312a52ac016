"""What `make dist` refuses: archives with files that only lay about, and wheels that are not the same."""

import importlib.util
import io
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
_spec = importlib.util.spec_from_file_location("check_dist", ROOT / ".ci" / "check_dist.py")
check_dist = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(check_dist)


def wheel(path, **files):
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


@pytest.mark.parametrize(
    "name",
    [
        "harness/__pycache__/x.cpython-311.pyc", ".venv/bin/python", "scenarios/found/1.yaml", "js/node_modules/a/b.js",
        ".pytest_cache/README.md", "tests/.mypy_cache/x", ".hypothesis/x", "out/1.jsonl", ".dist/pyvenv.cfg",
    ],
)  # fmt: skip
def test_what_only_lies_about_is_found(name):
    assert check_dist.strays([name, "harness/cli/run.py"], wheel=False) == [name]


def test_a_wheel_holds_the_packages_only():
    names = ["harness/a.py", "stillthere/a.py", "stillthere-0.1.0.dist-info/METADATA", "tests/a.py", "README.md"]
    assert check_dist.strays(names, wheel=True) == ["tests/a.py", "README.md"]


def test_a_source_archive_is_read_without_its_folder(tmp_path):
    path = tmp_path / "stillthere-1.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        archive.addfile(tarfile.TarInfo("stillthere-1/harness/a.py"), io.BytesIO())
    assert check_dist.names_in(path) == ["harness/a.py"]


def test_wheels_that_differ(tmp_path):
    one = wheel(tmp_path / "1.whl", a="1", b="2", **{"x.dist-info/RECORD": "1"})
    other = wheel(tmp_path / "2.whl", a="1", b="3", c="4", **{"x.dist-info/RECORD": "2"})
    assert check_dist.differing(one, other) == ["b", "c"]
    assert check_dist.differing(one, one) == []


def test_there_must_be_one_of_each(tmp_path):
    with pytest.raises(SystemExit, match="has 0 files"):
        check_dist.only(tmp_path, "*.whl")


def test_the_metadata_name_who_made_it_and_where_it_is():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["authors"] == [{"name": "The stillthere contributors"}]
    assert set(project["urls"]) == {"Homepage", "Documentation", "Changelog", "Issues", "Source"}
    assert all(url.startswith("https://github.com/stillthere/stillthere") for url in project["urls"].values())
    for url in project["urls"].values():
        _, _, path = url.partition("/main/")
        assert (ROOT / path).exists(), url
