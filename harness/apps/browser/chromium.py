"""Which Chromium is started, and with which flags. Each was tried with Chromium 156 on Linux."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ...errors import InputError
from ..choices import HOSTS

VARIABLE = "STILLTHERE_CHROMIUM"
"""Names the program in the environment."""
FLAGS_VARIABLE = "STILLTHERE_CHROMIUM_FLAGS"
"""Further flags, separated by spaces."""
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""The programs that are looked for, in this order."""
_ALWAYS = (
    "--headless=new", "--disable-gpu", "--disable-quic", "--no-first-run", "--no-default-browser-check",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-domain-reliability",
    "--disable-client-side-phishing-detection", "--disable-extensions", "--disable-breakpad", "--password-store=basic",
    "--use-mock-keychain", "--window-size=900,600",
)  # fmt: skip
"""No window, no service of the browser's own, nothing of the user's system."""
_SOUND = ("--autoplay-policy=no-user-gesture-required", "--use-fake-ui-for-media-stream")
"""Sound needs no click, and the question for the microphone is answered with yes."""
_WEBRTC = ("--allow-loopback-in-peer-connection", "--disable-features=WebRtcHideLocalIpsWithMdns")
"""A peer on this machine is found by its loopback address."""
_ROOT_HAS_NO_SANDBOX = "--no-sandbox"


@dataclass(frozen=True, slots=True)
class BrowserSettings:
    """What one browser needs besides the flags that all have."""

    profile: Path
    """The folder of its profile, which is new."""
    port: int
    """The server's: the service's host names lead there."""
    spki_sha256: str
    """The server's key, which this profile alone trusts."""
    microphone_file: Path | None = None
    """The sound of a microphone that Chromium imitates; None: the system's microphone."""


def find_chromium(environment: Mapping[str, str] = os.environ) -> str | None:
    """The program; None if there is none."""
    named = environment.get(VARIABLE)
    if named:
        return shutil.which(named)
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


def needed_chromium(environment: Mapping[str, str] = os.environ) -> str:
    """The program. Raises :exc:`InputError` if there is none."""
    found = find_chromium(environment)
    if found is not None:
        return found
    if named := environment.get(VARIABLE):
        raise InputError(f"{VARIABLE} names {named!r}, which is no program; give the path of a Chromium or Chrome")
    raise InputError(
        f"--page needs Chromium, and none of {', '.join(PROGRAMS)} is installed; install it (Debian, Ubuntu: "
        f"apt-get install chromium), or name it in {VARIABLE}; `stillthere doctor` says what else is missing"
    )


def command(program: str, settings: BrowserSettings, environment: Mapping[str, str] = os.environ) -> list[str]:
    """The command that starts it with an empty page; it reads commands from descriptor 3 and answers on 4."""
    flags = [*_ALWAYS, *_SOUND, *_WEBRTC]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        flags.append(_ROOT_HAS_NO_SANDBOX)
    if settings.microphone_file is not None:
        flags += [
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-audio-capture={settings.microphone_file}%noloop",
        ]
    return [
        program,
        *flags,
        f"--host-resolver-rules={resolver_rules(settings.port)}",
        f"--ignore-certificate-errors-spki-list={settings.spki_sha256}",
        "--no-proxy-server",
        f"--user-data-dir={settings.profile}",
        "--remote-debugging-pipe",
        *environment.get(FLAGS_VARIABLE, "").split(),
        "about:blank",
    ]


def resolver_rules(port: int) -> str:
    """What leads the service's host names to our port; all other names are resolved as ever."""
    return ", ".join(f"MAP {host}:443 127.0.0.1:{port}" for host in HOSTS)
