"""Whether a wheel and an archive of the sources may be published: ``check_dist.py FOLDER``, which holds one of each.

The wheel was built from the archive. It must be the same as one that is built from this checkout, and hold nothing that
was only lying about. It is installed in an environment of its own, and used from an empty folder.
"""

import os
import re
import subprocess
import sys
import tarfile
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
STRAY = re.compile(
    r"(^|/)(__pycache__|node_modules|\.(venv|git|oldest|newest|clients|node|dask|webrtc|dist|[a-z]+_cache|hypothesis)|out)(/|$)"
    r"|\.py[co]$|\.jsonl?\.tmp$|(^|/)scenarios/found(/|$)|(^|/)\.DS_Store$"
)
"""Names of files that only lie about where somebody works."""
IN_THE_WHEEL = re.compile(r"(harness|stillthere|stillthere-[^/]+\.dist-info)/")
USES = (
    ("stillthere", "--version"),
    ("stillthere", "check", "reported_freeze"),
    ("stillthere", "demo"),
    ("python", "-c", "import stillthere, sys; assert 'site-packages' in stillthere.__file__, stillthere.__file__"),
)


def only(folder: Path, pattern: str) -> Path:
    """The one file of a kind. Raises :exc:`SystemExit` if there is none or more than one."""
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        raise SystemExit(f"{folder} has {len(found)} files {pattern}; build into an empty folder")
    return found[0]


def names_in(archive: Path) -> list[str]:
    """The files of a wheel or of a tar archive; of the latter without its folder."""
    if archive.suffix == ".whl":
        return zipfile.ZipFile(archive).namelist()
    with tarfile.open(archive) as tar:
        return [each.name.partition("/")[2] for each in tar.getmembers() if each.isfile()]


def strays(names: list[str], *, wheel: bool) -> list[str]:
    """The files that should not be there."""
    return [name for name in names if STRAY.search(name) or (wheel and not IN_THE_WHEEL.match(name))]


def contents(wheel: Path) -> dict[str, bytes]:
    """What a wheel installs; its own list of files follows from the others."""
    archive = zipfile.ZipFile(wheel)
    return {name: archive.read(name) for name in archive.namelist() if not name.endswith("/RECORD")}


def differing(one: Path, other: Path) -> list[str]:
    """The files in which two wheels differ."""
    mine, theirs = contents(one), contents(other)
    return sorted(name for name in mine.keys() | theirs.keys() if mine.get(name) != theirs.get(name))


def use(wheel: Path) -> None:
    """Install the wheel in a new environment and use it from an empty folder."""
    with tempfile.TemporaryDirectory() as place:
        environment, empty = Path(place, "environment"), Path(place, "empty")
        empty.mkdir()
        venv.create(environment, with_pip=True)
        programs = environment / ("Scripts" if os.name == "nt" else "bin")
        quiet = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", str(wheel.resolve()))
        clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        for words in (("python", *quiet), *USES):
            print("$", *words, flush=True)
            done = subprocess.run([programs / words[0], *words[1:]], cwd=empty, env=clean, check=False)
            if done.returncode:
                raise SystemExit(f"{' '.join(words)} ended with {done.returncode}")
        if left := [each.name for each in empty.iterdir()]:
            raise SystemExit(f"these were left in the folder: {', '.join(left)}")


def main(folder: Path) -> None:
    """Check what is in the folder. Raises :exc:`SystemExit` with what is wrong."""
    wheel, sources = only(folder, "*.whl"), only(folder, "*.tar.gz")
    for archive in (wheel, sources):
        if found := strays(names_in(archive), wheel=archive is wheel):
            raise SystemExit(f"{archive.name} has files that should not be in it: {', '.join(found[:10])}")
    with tempfile.TemporaryDirectory() as place:
        build = [sys.executable, "-m", "build", "--wheel", "--outdir", place, str(ROOT)]
        subprocess.run(build, check=True, stdout=subprocess.DEVNULL)
        if found := differing(wheel, only(Path(place), "*.whl")):
            raise SystemExit(f"the wheel of the archive is not that of the checkout: {', '.join(found[:10])}")
    use(wheel)
    sizes = ", ".join(f"{each.name} {each.stat().st_size / 1e6:.1f} MB" for each in (wheel, sources))
    print(f"{sizes}: checked")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: check_dist.py FOLDER")
    main(Path(sys.argv[1]))
