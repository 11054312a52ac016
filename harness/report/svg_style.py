"""The colours of a run's SVG, light and dark. Each is written out, because not every viewer knows variables of CSS."""

SPAN_CLASSES: dict[str, str] = {
    "story": "plain", "healed": "server", "user": "user", "probe": "user", "later": "user", "noise": "noise",
    "app": "fault", "capture": "fault", "network": "fault", "server": "fault", "hears": "server", "response": "answer",
    "answer": "answer", "interrupted": "noise", "suspended": "worst", "silence": "worst", "open": "server",
    "dialling": "plain", "refused": "worst",
}  # fmt: skip
"""The class of each kind of span."""
MARK_CLASSES: dict[str, str] = {
    "▼": "bad", "▲": "act", "◆": "act", "•": "soft", "!": "warn", "○": "soft", "✔": "good", "✖": "bad", "■": "soft",
}  # fmt: skip
"""The class of each symbol of an event."""

_LIGHT = {
    "paper": "#ffffff", "ink": "#1b1f24", "soft": "#57606a", "line": "#d0d7de", "edge": "#8c959f", "good": "#1a7f37",
    "bad": "#b42318", "warn": "#8a5a00", "act": "#6639ba", "wave": "#3f6fb5", "zeros": "#8c959f", "plain": "#eaeef2",
    "user": "#cfe2ff", "server": "#d3efd8", "answer": "#e5d9fb", "fault": "#ffd8c2", "worst": "#ffcfca",
    "noise": "#f5e6b8",
}  # fmt: skip
_DARK = {
    "paper": "#0d1117", "ink": "#e6edf3", "soft": "#9aa4af", "line": "#3d444d", "edge": "#768390", "good": "#6fdd8b",
    "bad": "#ff9a90", "warn": "#e3b341", "act": "#b99bf8", "wave": "#6ea2e8", "zeros": "#6e7681", "plain": "#2d333b",
    "user": "#1f3d6b", "server": "#1c4428", "answer": "#3f2d66", "fault": "#5c3018", "worst": "#6b2420",
    "noise": "#4a3c10",
}  # fmt: skip


def _rules(colours: dict[str, str]) -> str:
    fills = "".join(
        f".{name}{{fill:{colours[name]};stroke:{colours['edge']}}}" for name in dict.fromkeys(SPAN_CLASSES.values())
    )
    texts = "".join(f".{name}{{fill:{colours[name]}}}" for name in ("soft", "good", "bad", "warn", "act"))
    return (
        f"text{{fill:{colours['ink']}}}{texts}.tick{{fill:{colours['soft']}}}{fills}"
        f".paper{{fill:{colours['paper']};stroke:{colours['line']}}}.line{{stroke:{colours['line']}}}"
        f".wave{{fill:{colours['wave']}}}.dead{{fill:{colours['bad']}}}.zeros{{stroke:{colours['zeros']}}}.heal{{stroke:{colours['soft']}}}"
    )


STYLE = (
    "text{font:12px system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif}"
    ".title{font-size:15px;font-weight:600}.said{font-weight:600}.tick{font-size:11px}"
    ".code{font-family:ui-monospace,Menlo,Consolas,monospace}"
    "rect{stroke-width:.6}.line{stroke-width:.5}.zeros{stroke-width:2;stroke-dasharray:2 2;fill:none}"
    ".heal{stroke-width:1;stroke-dasharray:3 3;fill:none}"
    f"{_rules(_LIGHT)}@media (prefers-color-scheme:dark){{{_rules(_DARK)}}}"
)
"""The style sheet of the file."""
