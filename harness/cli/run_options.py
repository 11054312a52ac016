"""The options of ``stillthere run``."""

from pathlib import Path
from typing import Annotated

import typer

from ..apps.choices import DEVICES, PAGE_DEVICES, SPEAKERS
from ..processes import MOST_JOBS
from ..vad.detector import DETECTORS
from .output import IMPORT_HELP, PROPERTY_HELP
from .time_limit import LONGEST_S

SCENARIOS_HELP = (
    "Files, folders, patterns, shipped names, pack: (all shipped ones), tag:NAME. By default the folder scenarios here."
)
ScenariosArgument = Annotated[list[str] | None, typer.Argument(help=SCENARIOS_HELP, metavar="[SCENARIO]…")]
KeywordOption = Annotated[
    str | None,
    typer.Option(
        "-k", metavar="EXPR", help="Only scenarios whose names have these parts: 'freeze and not (tag:wire or page)'."
    ),
]
QuietOption = Annotated[
    bool, typer.Option("--quiet", "-q", help="Show only what did not hold, a row each, and the totals.")
]
VerboseOption = Annotated[bool, typer.Option("--verbose", "-v", help="Show the picture of every run.")]
ClientsOption = Annotated[
    list[str] | None,
    typer.Option(help="reported, development, resilient, push_to_talk, telephone, or your own as module:Class."),
]
WorkletOption = Annotated[
    str | None,
    typer.Option(
        metavar="FILE.js", help="Your own AudioWorklet between the microphone and the client, in place of its gate."
    ),
]
DetectorOption = Annotated[
    str | None, typer.Option(help=f"The server's ear instead of the scenario's: {', '.join(DETECTORS)}.")
]
TransportOption = Annotated[
    str | None,
    typer.Option(help="How client and server are connected instead of the scenario's way: websocket or webrtc."),
]
SeedOption = Annotated[int, typer.Option(min=0, help="Seed of all that is random.")]
OutOption = Annotated[Path | None, typer.Option(help="Folder for the journals, and for what programs write.")]
PropertiesOption = Annotated[list[str] | None, typer.Option("--property", metavar="NAME=CHOICE", help=PROPERTY_HELP)]
SettingsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="NAME=VALUE", help="A setting of the client or the app, such as gate_threshold=0.01."
    ),
]
ImportsOption = Annotated[list[str] | None, typer.Option("--import", metavar="MODULE", help=IMPORT_HELP)]
JunitOption = Annotated[Path | None, typer.Option("--junit", metavar="FILE", help="Write a JUnit file.")]
ResultsOption = Annotated[
    Path | None,
    typer.Option(
        "--results", metavar="FILE", help="Write the results as JSON; `stillthere schema --results` is its schema."
    ),
]
TraceOption = Annotated[
    Path | None,
    typer.Option(
        "--trace", metavar="FILE.json", help="Write a trace for ui.perfetto.dev; of several runs, a folder of them."
    ),
]
SvgOption = Annotated[
    Path | None,
    typer.Option(
        "--svg", metavar="FILE.svg", help="Draw the run for a README; two clients on one scenario below each other."
    ),
]
LabelsOption = Annotated[
    Path | None,
    typer.Option("--labels", metavar="FILE.txt", help="Write labels for Audacity, and what was sent and heard as WAV."),
]
HtmlOption = Annotated[
    Path | None,
    typer.Option(
        "--html",
        metavar="FILE",
        help="Write a report that can be heard: one file, of two clients their comparison, of more runs a folder.",
    ),
]
TimeoutOption = Annotated[
    float,
    typer.Option(
        metavar="SECONDS",
        min=0,
        max=LONGEST_S,
        help="End a run of a client or an app that takes longer, in seconds of real time; 0: never.",
    ),
]
AsJsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]

# --- apps -------------------------------------------------------------------------------------------------------------

AppsOption = Annotated[
    list[str] | None,
    typer.Option(metavar="MODULE:FUNCTION", help="An asyncio app, async def app(mic, speaker), in virtual time."),
]
ScriptsOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="FILE", help="An asyncio script that opens its own devices (sounddevice, pyaudio), in virtual time."
    ),
]
HostsOption = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", help="A host that the app dials and that is the service, besides api.openai.com."),
]
JobsOption = Annotated[
    int | None,
    typer.Option(min=1, max=MOST_JOBS, help="Processes; by default one a core for apps, and one for clients."),
]
TwiceOption = Annotated[bool, typer.Option("--twice", help="Play each app twice; the journals must be equal.")]
TracebackOption = Annotated[
    bool, typer.Option("--traceback", help="Show the traceback of what a client or an app raised, on standard error.")
]

# --- programs ---------------------------------------------------------------------------------------------------------

DeviceOption = Annotated[
    str | None,
    typer.Option(
        help=f"With -- COMMAND: the program's microphone and speaker: {', '.join(DEVICES)}. Default: tcp. With --page: "
        f"{' or '.join(PAGE_DEVICES)}. Default: pulse."
    ),
]
SpeakerOption = Annotated[
    str | None,
    typer.Option(
        help=f"With -- COMMAND or --page: {' or '.join(SPEAKERS)}; device: what it plays is heard; inferred: what "
        "arrives at it counts as heard. Default: device."
    ),
]
TlsOption = Annotated[
    bool, typer.Option("--tls", help="With -- COMMAND: serve https and wss, which openai for Node needs.")
]
PortOption = Annotated[
    int | None, typer.Option(min=0, max=65_535, help="With -- COMMAND or --page: the server's port; 0: any free one.")
]
DialWithinOption = Annotated[
    float | None,
    typer.Option(metavar="SECONDS", min=0, help="With -- COMMAND or --page: how long it has until it dials (30)."),
]

# --- pages ------------------------------------------------------------------------------------------------------------

PageOption = Annotated[
    str | None,
    typer.Option(
        metavar="URL", help="A page in a real Chromium: http://…, https://…, or the path of an HTML file. In real time."
    ),
]
SetupOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="With --page: JavaScript that runs in the page once it is loaded."),
]
