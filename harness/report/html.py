"""A run, or two runs side by side, as one HTML file that needs nothing else.

It asks no network, and whatever a run says is data in it. The picture itself is drawn by
``harness/picture/assets/picture.js``, as on the page of a live server.
"""

import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..picture.assets import asset, policy_source
from .cases import COUNTED
from .terminal import BADGES

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
{navigation}<main>
{head}
<noscript><p>The picture of the run is drawn by the script in this file; allow it to run.</p></noscript>
<div id="pictures"></div>
</main>
<script type="application/json" id="documents">{data}</script>
<script>{script}</script>
</body>
</html>
"""
VERDICT_BADGES = {**{name: words for name, (words, _) in BADGES.items()}, "error": "✖ error"}
VOICES = "This file holds voices: treat it as you would a recording of them."
_UNSAFE = str.maketrans({each: f"\\u{ord(each):04x}" for each in "<>&\u2028\u2029"})


@dataclass(frozen=True, slots=True)
class RunLink:
    """A run in the list of all runs that a page begins with."""

    file: str
    """The name of its page, beside this one."""
    verdict: str
    """Held, failed, vacuous or error."""
    words: str
    """The scenario, the client, and the outcome."""


def page(document: Mapping[str, Any], links: Sequence[RunLink] = (), here: str = "") -> str:
    """The page of one run, from its picture (:mod:`harness.picture.document`).

    ``links`` are all runs of which this is one, and ``here`` is its file.
    """
    verdict = document["verdict"]
    title = document["title"] if verdict is None else f"{verdict['text']}: {document['title']}"
    head = [_title(document["title"], None if verdict is None else verdict["name"])]
    head += [f'<p class="soft">{html.escape(document["about"])}</p>', _again(document["again"])]
    if document["audio"] is not None:
        head.append(f'<p class="soft">{VOICES}</p>')
    return _filled(title, "\n".join(head), [document], navigation(links, here))


def comparison_page(documents: Sequence[Mapping[str, Any]], explanation: str) -> str:
    """The page of runs of one scenario, one below the other on one axis of time; ``explanation``: how they differ."""
    title = documents[0]["title"]
    head = [_title(title, None), f"<p>{html.escape(explanation)}</p>"]
    if any(each["audio"] is not None for each in documents):
        head.append(f'<p class="soft">{VOICES}</p>')
    return _filled(f"compared: {title}", "\n".join(head), documents)


def broken_page(title: str, reason: str, links: Sequence[RunLink] = (), here: str = "") -> str:
    """The page of a run that could not be played to its end."""
    head = f"{_title(title, 'error')}\n<pre>{html.escape(reason)}</pre>"
    return _filled(f"error: {title}", head, [], navigation(links, here))


def embedded(documents: Sequence[Mapping[str, Any]]) -> str:
    """Documents as JSON that no parser of HTML or JavaScript can take for anything else."""
    text = json.dumps(documents, ensure_ascii=False, separators=(",", ":"))
    return text.translate(_UNSAFE).encode("utf-8", "backslashreplace").decode()


def navigation(links: Sequence[RunLink], here: str) -> str:
    """The list of all runs, the worst first."""
    if not links:
        return ""
    counts = [(name, sum(link.verdict == name for link in links)) for name in COUNTED]
    told = ", ".join(f"{count} {name}" for name, count in counts if count)
    rows = []
    for link in links:
        current = ' aria-current="page"' if link.file == here else ""
        badge = f'<span class="badge {link.verdict}">{VERDICT_BADGES[link.verdict]}</span>'
        rows.append(f'<li>{badge}<a href="{html.escape(link.file)}"{current}>{html.escape(link.words)}</a></li>')
    return (
        f'<nav aria-label="Runs">\n<details><summary>{len(links)} runs: {told}</summary>\n'
        f"<ul>{''.join(rows)}</ul>\n</details>\n</nav>\n"
    )


def _filled(title: str, head: str, documents: Sequence[Mapping[str, Any]], navigation: str = "") -> str:
    style, script = asset("picture.css") + asset("report.css"), asset("picture.js") + asset("report.js")
    text = _PAGE.format(
        policy=_policy(style, script),
        title=html.escape(title),
        style=style,
        navigation=navigation,
        head=head,
        data=embedded(documents),
        script=script,
    )
    return text.encode("utf-8", "replace").decode()  # half a character in a name cannot be written


def _policy(style: str, script: str) -> str:
    """No network: only this style and this script, and images and sound that are in the page."""
    return (
        f"default-src 'none'; style-src {policy_source(style)}; script-src {policy_source(script)}; "
        "img-src data:; media-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def _title(title: str, verdict: str | None) -> str:
    badge = "" if verdict is None else f'<span class="badge {verdict}">{VERDICT_BADGES[verdict]}</span> '
    return f"<h1>{badge}{html.escape(title)}</h1>"


def _again(command: str) -> str:
    if not command:
        return ""
    return f'<p>Play it again:</p>\n<pre id="again">{html.escape(command)}</pre>'
