"""The pages are right: links lead somewhere, the site has all of them, and what they say of the code is true.

Their examples are tested by ``test_examples.py``.
"""

import importlib.util
import re
from dataclasses import fields
from itertools import pairwise
from pathlib import Path

import pytest

from benchmarks import hypotheses
from harness.causes import CAUSES
from harness.clients.recovery.detectors import SYMPTOM_DETECTORS
from harness.clients.recovery.strategies import STRATEGIES
from harness.clients.settings import ClientSettings
from harness.faults import CATALOGUE
from harness.report.app_switching import HYPOTHESES
from harness.scenario import load, shipped_scenarios
from harness.vad.detector import FRAME_MS
from harness.vad.turn import TurnSettings
from harness.verdict import client_view
from tests.report.testing import tables

ROOT = Path(__file__).parent.parent
FOLDERS = ("docs", "js", "fixtures", "tests", "scenarios", "benchmarks")
PAGES = [*sorted(ROOT.glob("*.md")), *(page for folder in FOLDERS for page in sorted((ROOT / folder).rglob("*.md")))]
UNFREEZABLE = (ROOT / "docs" / "unfreezable.md").read_text()


def name_of(page):
    return page.relative_to(ROOT).as_posix()


# --- links ----------------------------------------------------------------------------------------------------------

REPOSITORY = "https://github.com/stillthere/stillthere"
RAW = "https://raw.githubusercontent.com/stillthere/stillthere"
OUTSIDE = re.compile(
    r"https://(?:[a-z0-9-]+\.)+[a-z]{2,}(?:/[\w./%~@:?=&+,#-]*)?|http://(?:127\.0\.0\.1|localhost)(?::\d+)?(?:/.*)?"
)
"""The form of a link to elsewhere. Nothing is dialled."""


def without_blocks(text):
    """A page without its blocks of code."""
    return re.sub(r"^( *)(`{3,})[^`]*?\n.*?^ *\2 *$", "", text, flags=re.DOTALL | re.MULTILINE)


def prose(text):
    """A page without its code, in which nothing is a link."""
    return re.sub(r"(`+)(?!`).+?(?<!`)\1(?!`)", "`code`", without_blocks(text))


def links(page):
    """Everything that a page links to or shows."""
    text = prose(page.read_text(encoding="utf-8"))
    return [
        *re.findall(r"\]\(([^)\s]+)\)", text),
        *re.findall(r"^\[[^\]]+\]: (\S+)", text, re.MULTILINE),
        *re.findall(r"(?:src|href)=\"([^\"]+)\"", text),
    ]


def anchors(page):
    """What can stand behind a ``#`` in a link to a page: its headings as GitHub writes them, and its own names."""
    text = without_blocks(page.read_text(encoding="utf-8"))
    found = set(re.findall(r"(?:name|id)=\"([^\"]+)\"", text))
    for heading in re.findall(r"^#+ +(.+)$", text, re.MULTILINE):
        heading = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", heading.strip()).lower().replace(" ", "-")
        while slug in found:
            stem, _, number = slug.rpartition("-")
            slug = f"{stem}-{int(number) + 1}" if stem in found and number.isdigit() else f"{slug}-1"
        found.add(slug)
    return found


def wrong_with(target, page):
    """What is wrong with a link of a page; None if nothing is."""
    if target.startswith((REPOSITORY, RAW)):
        return _wrong_with_own(target)
    if re.match(r"[a-z][a-z0-9+.-]*:", target):
        return None if OUTSIDE.fullmatch(target) else "is no link of a form that is known"
    path, _, anchor = target.partition("#")
    found = (page.parent / path).resolve() if path else page
    if not found.is_relative_to(ROOT) or not found.exists():
        return "leads to no file"
    return _wrong_with_anchor(found, anchor)


def _wrong_with_own(target):
    whole = re.fullmatch(rf"{REPOSITORY}/(blob|tree)/main/([^#?]+)(?:#(.*))?|{RAW}/main/(.+)", target)
    if whole is not None:
        found = ROOT / (whole[2] or whole[4])
        if not found.exists() or (whole[1] is not None and found.is_dir() != (whole[1] == "tree")):
            return "leads to no file of the repository"
        return _wrong_with_anchor(found, whole[3] or "")
    form = re.fullmatch(rf"{REPOSITORY}/issues/new\?template=([\w.-]+)", target)
    if form is not None:
        return None if (ROOT / ".github" / "ISSUE_TEMPLATE" / form[1]).exists() else "leads to no issue form"
    rest = target.removeprefix(REPOSITORY)
    return None if rest in ("", "/issues", "/security/advisories/new") else "is no page of the repository that is known"


def _wrong_with_anchor(found, anchor):
    return f"{found.name} has no such heading" if anchor and anchor not in anchors(found) else None


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_to_files_and_to_headings(page):
    wrong = {target: wrong_with(target, page) for target in links(page)}
    assert {target: why for target, why in wrong.items() if why} == {}


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("faults.md", None),
        ("faults.md#nowhere", "faults.md has no such heading"),
        ("fidelity.md#44-append-commit-clear", None),
        ("nowhere.md", "leads to no file"),
        ("../../outside.md", "leads to no file"),
        (f"{REPOSITORY}/blob/main/docs/faults.md", None),
        (f"{REPOSITORY}/blob/main/docs/nowhere.md", "leads to no file of the repository"),
        (f"{REPOSITORY}/blob/main/docs", "leads to no file of the repository"),
        (f"{REPOSITORY}/blob/master/docs/faults.md", "is no page of the repository that is known"),
        (f"{RAW}/main/docs/demo.svg", None),
        (f"{RAW}/main/docs/demo.png", "leads to no file of the repository"),
        (f"{REPOSITORY}/issues/new?template=nowhere.yml", "leads to no issue form"),
        ("https://community.openai.com/t/1374520", None),
        ("http://example.org", "is no link of a form that is known"),
        ("https://example", "is no link of a form that is known"),
        ("javascript:alert(1)", "is no link of a form that is known"),
    ],
)
def test_what_is_wrong_with_a_link(target, why):
    assert wrong_with(target, ROOT / "docs" / "index.md") == why


def test_links_in_code_are_none():
    assert prose("a `[x](y)` b\n\n```yaml\n[x](y)\n```\nc\n") == "a `code` b\n\n\nc\n"


def test_the_readme_works_on_the_package_index():
    """There no relative link leads anywhere, and no relative picture is shown."""
    assert [target for target in links(ROOT / "README.md") if not target.startswith("https://")] == []


# --- the site -------------------------------------------------------------------------------------------------------

SITE = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
NAVIGATION = re.findall(r"^ +- .+: ([\w-]+\.md)$", SITE[SITE.index("\nnav:") : SITE.index("\ntheme:")], re.MULTILINE)


def test_every_page_is_in_the_navigation_of_the_site_once():
    assert sorted(NAVIGATION) == sorted(page.name for page in (ROOT / "docs").glob("*.md"))


def test_the_first_page_leads_to_every_page():
    linked = links(ROOT / "docs" / "index.md")
    assert [page for page in NAVIGATION if page not in linked and page != "index.md"] == []


def test_the_site_has_no_link_that_leads_out_of_it():
    spec = importlib.util.spec_from_file_location("site_of_docs", ROOT / ".ci" / "site.py")
    site = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(site)
    page = ROOT / "docs" / "a.md"
    text = "[a](faults.md#x) [b](../js/README.md) [c](examples/voice_app.py) [d](../tests/zoo) ![e](demo.svg)"
    assert site.with_absolute_links(text, page) == (
        f"[a](faults.md#x) [b]({REPOSITORY}/blob/main/js/README.md) "
        f"[c]({REPOSITORY}/blob/main/docs/examples/voice_app.py) [d]({REPOSITORY}/tree/main/tests/zoo) ![e](demo.svg)"
    )


def test_lists_and_tables_begin_after_an_empty_line():
    """GitHub shows a list that follows a line of text as one, the site does not."""
    for page in (ROOT / "docs").glob("*.md"):
        for before, line in pairwise(without_blocks(page.read_text(encoding="utf-8")).split("\n")):
            item = re.match(r"[*+-] |\d+\. |\|", line)
            if item and before.strip() and not re.match(r"\s|[*+-] |\d+\. |\|", before):
                raise AssertionError(f"{name_of(page)}: an empty line is missing before {line[:60]!r}")


def test_no_page_has_the_marks_of_a_merge():
    for page in PAGES:
        assert re.findall(r"^(?:<{7} |>{7} ).*", page.read_text(encoding="utf-8"), re.MULTILINE) == [], name_of(page)


# --- generated pages ------------------------------------------------------------------------------------------------


def test_generated_pages_say_how_to_make_them():
    makefile = (ROOT / "Makefile").read_text()
    for page in (
        "scenarios",
        "faults",
        "properties",
        "answered",
        "fidelity",
        "session-states",
        "app-switching",
        "scenario-pack",
        "confusion",
        "recovery",
        "command-line",
        "not-known",
        "causes",
        "sounds",
    ):
        assert f"> docs/{page}.md" in makefile


# --- how to make your client unfreezable ----------------------------------------------------------------------------


def test_the_timings_are_the_settings():
    defaults = {field.name: field.default for field in fields(ClientSettings)}
    written = re.findall(r"\| `(\w+_ms)` \| (\d+) \|", UNFREEZABLE) + re.findall(
        r"`(\w+_ms)` \((\d+) ms\)", UNFREEZABLE
    )
    assert len(written) >= 14
    for name, value in written:
        assert defaults[name] == int(value), name


def test_all_detectors_are_described():
    (rows,) = (rows for rows in tables(UNFREEZABLE) if rows[0][0] == "detector")
    assert [row[0] for row in rows[2:] if row[0]] == [f"`{name}`" for name in SYMPTOM_DETECTORS]


def test_what_a_client_cannot_tell_apart_is_what_the_judge_groups():
    (rows,) = (rows for rows in tables(UNFREEZABLE) if rows[0][0] == "seen")
    written = {tuple(re.findall(r"`(\w+)`", row[1])) for row in rows[2:]}
    known = {value for name, value in vars(client_view).items() if name.isupper() and isinstance(value, tuple)}
    assert known <= written
    assert ("half_open", *client_view.NOTHING_HEARD) in written


def test_each_cause_names_the_report_that_its_scenario_comes_from():
    (rows,) = (rows for rows in tables(UNFREEZABLE) if rows[0][0] == "link")
    for _, _, report, command in rows[2:]:
        scenario = load(command.strip("`").split()[2])
        assert report.removeprefix("community ") in scenario.source, (report, scenario.source)


def test_the_recovery_matrix_bears_out_what_is_said_of_remedies():
    """A bare clear recovers nothing that waiting does not, only the ladder recovers everything, and it takes longer."""
    _, (head, _, *rows) = tables((ROOT / "docs" / "recovery.md").read_text())
    by_strategy = {name.strip("`"): [row[column] for row in rows] for column, name in enumerate(head)}
    whole = {name for name in STRATEGIES if all(cell.startswith("✔") for cell in by_strategy[name])}
    assert whole == {"ladder"}
    for strategy in ("clear", "clear_ends_speech"):
        for waited, cleared in zip(by_strategy["none"], by_strategy[strategy], strict=True):
            assert waited.startswith("✔") or not cleared.startswith("✔")
    again = dict(zip(by_strategy["fault"], by_strategy["reconnect_and_resend"], strict=True))
    ladder = dict(zip(by_strategy["fault"], by_strategy["ladder"], strict=True))
    of_server = [f"`{name}`" for name, fault in CATALOGUE.items() if fault.seam in ("detector", "policy")]
    cured = [name for name in of_server if again[name].startswith("✔") and again[name] != ladder[name]]
    assert sum(_seconds(again[name]) < _seconds(ladder[name]) for name in cured) > len(cured) / 2
    assert again["`near-silent`"] == "✖"


def _seconds(cell):
    return float(cell.split()[1])


def test_the_page_of_app_and_class_has_every_scenario_and_explains_every_difference():
    page = (ROOT / "docs" / "app-verdicts.md").read_text()
    over_websockets = [path.stem for path in shipped_scenarios() if load(path).transport == "websocket"]
    assert [name for name in over_websockets if f"| `{name}` |" not in page] == []
    assert "not explained" not in page


# --- how it hears, and how it judges -------------------------------------------------------------------------------


def test_the_chain_has_every_cause_once():
    page = (ROOT / "docs" / "how-it-judges.md").read_text(encoding="utf-8")
    (rows,) = (rows for rows in tables(page) if rows[0][0] == "link")
    named = [cause for row in rows[2:] for cause in re.findall(r"`(\w+)`", row[2])]
    assert sorted([*named, "client_waiting"]) == sorted(CAUSES)
    assert "What is left if every link works is `client_waiting`" in page


def test_the_figures_of_the_ear_are_those_of_turn_detection():
    page = (ROOT / "docs" / "how-it-hears.md").read_text(encoding="utf-8")
    assert f"frames of {FRAME_MS} ms" in page
    settings = TurnSettings()
    assert f"| at least `threshold` ({settings.threshold}) | speech" in page
    assert f"`threshold` − {settings.threshold - settings.low_threshold:.2f} | neither" in page


# --- hypotheses -----------------------------------------------------------------------------------------------------


def test_the_page_of_hypotheses_is_fresh():
    page = (ROOT / "docs" / "hypotheses.md").read_text(encoding="utf-8")
    assert page == hypotheses.render(hypotheses.browser_verdicts()), "run: python -m benchmarks.hypotheses"


def test_each_hypothesis_has_a_scenario_and_a_difference_to_the_browser_is_told():
    assert set(hypotheses.SCENARIOS) >= {each.number for each in HYPOTHESES}
    seen = hypotheses.BrowserVerdict(
        scenario="renderer_stopped", page="resilient", transport="websocket", verdict="failed: half_open"
    )
    page = hypotheses.render([seen])
    (row,) = (row for row in tables(page)[0] if row[0] == "H7")
    assert row[3:] == ["held", "held", "not played", "failed: half_open"]
    assert "* **H7**: not explained." in page
