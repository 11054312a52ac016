"""The columns of the matrix: an app of each SDK, and the same with its own options for reconnects."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Configuration:
    """One app, and how it is set up."""

    name: str
    environment: str
    """Its environment is ``.clients/ENVIRONMENT``."""
    file: str
    """Of the app, in this folder."""
    function: str
    """In that file; empty if the app is a program of its own."""
    options: str
    """In words, for the page."""
    packages: tuple[str, ...]
    """Whose versions are shown."""
    arguments: tuple[str, ...] = ()
    """Of the program, if it is one."""
    tls: bool = False
    """Whether the program dials wss only."""

    @property
    def target(self) -> str:
        """The app as ``module:function``."""
        return f"benchmarks.sdk_matrix.{self.file.removesuffix('.py').replace('/', '.')}:{self.function}"


PYTHON = (
    Configuration(
        "openai", "openai_python", "apps/openai_sdk.py", "app", "none (reconnecting is off)", ("openai", "websockets")
    ),
    Configuration(
        "openai, reconnecting", "openai_python", "apps/openai_sdk.py", "app_reconnecting",
        "`on_reconnecting=`, its defaults: 5 tries, 0.5 to 8 s apart", ("openai", "websockets"),
    ),
    Configuration(
        "openai-agents", "openai_agents", "apps/openai_agents.py", "app", "none (it has none for reconnecting)",
        ("openai-agents", "openai", "websockets"),
    ),
    Configuration(
        "pydantic-ai", "pydantic_ai", "apps/pydantic_agent.py", "app", "none (reconnecting is off)",
        ("pydantic-ai-slim", "openai", "websockets"),
    ),
    Configuration(
        "pydantic-ai, reconnecting", "pydantic_ai", "apps/pydantic_agent.py", "app_reconnecting",
        '`model_settings={"reconnect": {}}`, its defaults: 3 tries, from 0.5 s apart',
        ("pydantic-ai-slim", "openai", "websockets"),
    ),
    Configuration(
        "livekit-agents", "livekit", "apps/livekit_agents.py", "app",
        "none (reconnecting is on: 3 retries, a session is renewed after 20 minutes)",
        ("livekit-agents", "livekit-plugins-openai", "aiohttp"),
    ),
    Configuration(
        "livekit-agents, patient", "livekit", "apps/livekit_agents.py", "app_patient",
        "`conn_options=APIConnectOptions(max_retry=10)`, `max_session_duration=60`",
        ("livekit-agents", "livekit-plugins-openai", "aiohttp"),
    ),
    Configuration(
        "pipecat", "pipecat", "apps/pipecat_pipeline.py", "app", "none (it has none for reconnecting)",
        ("pipecat-ai", "openai", "websockets"),
    ),
)  # fmt: skip
"""Those in virtual time."""
NODE = (
    Configuration(
        "openai for Node, ws", "node", "apps/node/openai_realtime.mjs", "", "none (reconnecting is off)",
        ("openai", "ws"), ("ws",), tls=True,
    ),
    Configuration(
        "openai for Node, ws, reconnecting", "node", "apps/node/openai_realtime.mjs", "",
        "`reconnect: true`, its defaults: 5 tries", ("openai", "ws"), ("ws", "reconnect"), tls=True,
    ),
    Configuration(
        "openai for Node, WebSocket", "node", "apps/node/openai_realtime.mjs", "", "none (reconnecting is off)",
        ("openai",), ("websocket",), tls=True,
    ),
    Configuration(
        "@openai/agents", "node", "apps/node/openai_agents.mjs", "", "none (it has none for reconnecting)",
        ("@openai/agents", "ws"),
    ),
    Configuration(
        "@livekit/agents", "node", "apps/node/livekit_agents.mjs", "",
        "none (reconnecting is on: 3 retries, a session is renewed after 20 minutes)",
        ("@livekit/agents", "@livekit/agents-plugin-openai"),
    ),
)  # fmt: skip
"""Those in real time."""
