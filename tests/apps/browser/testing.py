"""What the tests of pages in a browser share: their pages, and a way to play one."""

from pathlib import Path

from harness.apps.browser.play import play_page
from harness.scenario import loads
from harness.verdict import lateness
from harness.verdict.judge import judge
from harness.verdict.record import RunRecord
from harness.world import user
from tests.apps.real_time.testing import alone

PAGES = Path(__file__).parent / "pages"
TALK = """
scenario: A short talk
lasts: {lasts}
recover within: 8s
server: {{detector: energy, reply: {{clip: speech_en_f_tts_hibari, lasts: {reply}}}}}
timeline:
  - {{at: 300ms, say: speech_en_m_arctic_a0007, lasts: 900ms, label: asked}}
"""
ATTEMPTS = 2


def talk(*steps, lasts="2600ms", reply="600ms"):
    """A scenario in which the user asks, and these lines of its timeline follow."""
    return loads(TALK.format(lasts=lasts, reply=reply) + "".join(f"  - {{{step}}}\n" for step in steps))


def verdict_of(scenario, page, monkeypatch, **options):
    """The verdict, as text, and the journal. A run that was late is played again.

    Not as it is for a user: between two utterances after the heal are 0.5 s of silence instead of 6.
    """
    monkeypatch.setattr(user, "SILENCE_US", 500_000)
    for _ in range(ATTEMPTS):
        with alone():
            run = play_page(scenario, f"{PAGES}/{page}", **options)
        if lateness.find(RunRecord(run.journal)) is None:
            break
    return str(judge(run.journal, scenario)), run.journal
