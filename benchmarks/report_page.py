"""The size of a report of ten minutes of conversation, and how long Chromium takes to open it.

    python -m benchmarks.report_page [FILE]

What it prints was measured; nothing is asserted. The page is opened several times, each time beside an empty page, in
turns, because a busy machine is slow at both; the processor's time says what the page itself costs. With FILE the page
stays there.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

from harness.bench.conversation import conversation
from harness.report.html import page
from harness.report.html_files import run_document
from harness.verdict.judge import judge
from harness.world.play import play
from tests.live.control.browser import Tab, chromium, tab

OPENED = 7
_OPENED = """
new Promise((done) => {
  const told = () => {
    const [entry] = performance.getEntriesByType("navigation");
    done(entry.domContentLoadedEventEnd);
  };
  const painted = () => requestAnimationFrame(() => setTimeout(told));
  document.readyState === "complete" ? painted() : addEventListener("load", painted);
})
"""


def main() -> None:
    """Measure and print."""
    scenario = conversation(10)
    run = play(scenario, "reported", detector="energy")
    verdict = judge(run.journal, scenario)
    began = time.process_time()
    document = run_document(run, verdict)
    text = page(document)
    took_s = time.process_time() - began
    sound = len(document["audio"]["data"])
    print(f"conversation: {run.virtual_us / 1e6:.0f} s, {len(run.journal.entries)} entries")
    print(
        f"page: {len(text.encode()) / 1e6:.2f} MB, of which sound {sound / 1e6:.2f} MB; made in {took_s:.1f} s of CPU"
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(sys.argv[1] if len(sys.argv) > 1 else f"{folder}/report.html").resolve()
        file.write_text(text, encoding="utf-8")
        empty = Path(folder) / "empty.html"
        empty.write_text("<!doctype html><title>empty</title><p>nothing")
        profile = Path(folder) / "profile"
        profile.mkdir()
        with chromium(profile) as port:
            asyncio.run(_opening(port, {"empty page": empty, "report": file}))


async def _opening(port: int, files: dict[str, Path]) -> None:
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in files}
    for _ in range(OPENED):
        for name, file in files.items():
            async with tab(port) as opened:
                times[name].append(await _open(opened, file))
    for name, found in times.items():
        ready, worked = ([each[index] for each in found] for index in (0, 1))
        print(
            f"{name}: drawn after {statistics.median(ready):.0f} ms (median; {min(ready):.0f} ms at best), "
            f"{statistics.median(worked):.0f} ms of the processor's time (median; {min(worked):.0f} ms at best)"
        )


async def _open(opened: Tab, file: Path) -> tuple[float, float]:
    """When the page was drawn, and the processor's time of its thread until then, in milliseconds."""
    await opened.do("Page.enable")
    await opened.do("Performance.enable", timeDomain="threadTicks")
    await opened.do("Emulation.setDeviceMetricsOverride", width=1280, height=900, deviceScaleFactor=1, mobile=False)
    await opened.do("Page.navigate", url=file.as_uri())
    await opened.until(f"location.href === {file.as_uri()!r}")
    found = await opened.do("Runtime.evaluate", expression=_OPENED, awaitPromise=True, returnByValue=True)
    metrics = {each["name"]: each["value"] for each in (await opened.do("Performance.getMetrics"))["metrics"]}
    return float(found["result"]["value"]), 1000 * float(metrics["TaskDuration"])


if __name__ == "__main__":
    main()
