"""Put docs/ into build/docs for the site: a link that leads out of docs/ becomes one to the repository.

In the repository such a link is relative, so that it leads to the file of the same commit.
"""

import os
import re
import shutil
from pathlib import Path

ROOT = Path(__file__).parent.parent
REPOSITORY = "https://github.com/stillthere/stillthere"
SERVED = {".md", ".html", ".svg", ".png", ".json"}
"""What the site itself shows. Source code is linked where it is readable: in the repository."""


def with_absolute_links(text: str, page: Path, root: Path = ROOT) -> str:
    """The text of a page of docs/, in which each relative link leads to something that the site has, or is absolute."""

    def absolute(link: re.Match[str]) -> str:
        path, mark, anchor = link[2].partition("#")
        if not path or re.match(r"[a-z]+:", path):
            return link[0]
        file = Path(os.path.normpath(page.parent / path))
        if file.is_relative_to(root / "docs") and file.suffix in SERVED:
            return link[0]
        kind = "tree" if file.is_dir() else "blob"
        return f"{link[1]}{REPOSITORY}/{kind}/main/{file.relative_to(root).as_posix()}{mark}{anchor})"

    return re.sub(r"(\]\()([^)\s]+)\)", absolute, text)


def prepare(target: Path) -> None:
    """Copy docs/ to ``target``, which is made anew."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(ROOT / "docs", target)
    for page in sorted((ROOT / "docs").glob("*.md")):
        text = with_absolute_links(page.read_text(encoding="utf-8"), page)
        (target / page.name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    prepare(ROOT / "build" / "docs")
