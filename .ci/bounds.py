"""What to install for a test of the bounds in pyproject.toml: ``bounds.py oldest`` or ``bounds.py newest``.

``oldest`` names the lowest version that is allowed of every run-time dependency. ``newest`` names no version, so that
the installer takes the latest of each. Both take what the tests need as it fits to that.
"""

import re
import sys
import tomllib
from pathlib import Path

PYPROJECT = Path(__file__).parent.parent / "pyproject.toml"
AS_IT_FITS: dict[str, dict[str, str | None]] = {
    # Its pydantic is newer than our lowest, and its websockets older than the latest. Only slow tests need it.
    "openai-agents": {"oldest": None, "newest": None},
    # From 3 on it needs a newer h11 than our lowest; its extra `realtime` needs an older websockets than the latest.
    "openai": {"oldest": "openai[realtime]>=2,<3", "newest": "openai>=2"},
}
"""Dependencies of the tests that would decide the version of one of ours, and what is installed instead."""


def requirements(which: str, pyproject: str) -> list[str]:
    """The lines for the installer. Raises :exc:`SystemExit` for a run-time bound that is not ``name>=version``."""
    project = tomllib.loads(pyproject)["project"]
    lines = []
    for bound in project["dependencies"]:
        found = re.fullmatch(r"([\w.-]+)>=([\d.]+)((?:,!=[\d.]+)*)", bound)
        if found is None:
            raise SystemExit(f"{bound!r} in pyproject.toml has no lowest version; write name>=version")
        lines.append(f"{found[1]}=={found[2]}" if which == "oldest" else bound)
    for bound in project["optional-dependencies"]["test"]:
        fits = AS_IT_FITS.get(re.split(r"[\[<>=]", bound)[0], {which: bound})[which]
        lines.extend([fits] if fits else [])
    return lines


if __name__ == "__main__":
    if sys.argv[1:] not in (["oldest"], ["newest"]):
        raise SystemExit("usage: bounds.py oldest|newest")
    print("\n".join(requirements(sys.argv[1], PYPROJECT.read_text(encoding="utf-8"))))
