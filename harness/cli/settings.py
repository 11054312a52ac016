"""``--set``: settings of the clients and apps that a command plays."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..apps.target import AppTarget
from ..errors import SettingError
from ..search.sweep.knobs import read_settings
from .output import pairs


def settings_for(
    texts: Sequence[str], clients: Sequence[str], apps: Sequence[AppTarget]
) -> Mapping[str, Mapping[str, Any]]:
    """The settings of ``--set`` for each client and app, by its name. Raises :exc:`SettingError`."""
    given = pairs("--set", "NAME=VALUE", "gate_threshold=0.03", texts)
    if not given:
        return {}
    scripts = [app.name for app in apps if app.kind == "script"]
    if scripts or not (clients or apps):
        what = f"the script {scripts[0]!r}" if scripts else "a program"
        raise SettingError(
            f"--set {texts[0]}: {what} takes no settings from here; give it arguments of its own instead"
        )
    found = {name: read_settings(given, name) for name in clients}
    return {**found, **{app.name: read_settings(given, app.name, is_class=False) for app in apps}}
