"""What is known of the service, as data: events, orderings, errors, close codes and captured turns."""

import json
from pathlib import Path
from typing import Any

SERVICE: dict[str, Any] = json.loads(Path(__file__).with_name("service.json").read_text())
SEQUENCES: dict[str, Any] = SERVICE["sequences"]
ERRORS: list[dict[str, Any]] = SERVICE["errors"]
CALIBRATION: list[dict[str, Any]] = SERVICE["calibration_pairs"]
CLIENT_EVENTS: dict[str, Any] = SERVICE["ga"]["client_events"]
SERVER_EVENTS: dict[str, Any] = SERVICE["ga"]["server_events"]
