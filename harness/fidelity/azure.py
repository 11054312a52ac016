"""How Azure's service differs from OpenAI's."""

from .behaviour import Behaviour

_RECORDINGS = "recordings of Azure's GA service, 2026-07 (cassettes of pydantic-ai)"
_LEARN = "Microsoft Learn, realtime-audio-websockets"

AZURE_ROWS = (
    Behaviour(
        "azure-paths", "2.7",
        "`/openai/v1/realtime?model=DEPLOYMENT`, or of the preview `/openai/realtime?deployment=DEPLOYMENT`, with "
        "Azure's GA events on both. A deployment may have any name; the session shows the model of that name, or else "
        "`gpt-realtime`.",
        "documented", f"{_LEARN}; the model of other names is ours",
    ),
    Behaviour(
        "azure-key", "2.7",
        "The key comes in the header or the parameter `api-key`, or as a bearer.",
        "documented", _LEARN,
    ),
    Behaviour(
        "azure-refused", "2.7",
        "A client that is not let in gets no WebSocket: status 401 for a key, 400 `OpperationNotSupported` for a model "
        "of no conversation, 404 without a deployment. Its errors have code and message alone.",
        "reported", "Azure-Samples/aisearch-openai-rag-audio #48, #97; learn.microsoft.com/answers, 2026-06, verbatim",
    ),
    Behaviour(
        "azure-client-secret", "2.7",
        "`/openai/v1/realtime/client_secrets` gives a client secret that lasts 7200 s by default.",
        "inferred", f"{_RECORDINGS}: one secret expires 7200 s after the call that it was used for",
    ),
    Behaviour(
        "azure-part-twice", "2.7",
        "Azure's `response.content_part.added` and `response.content_part.done` have the part as `part` and as "
        "`content`; all other fields are OpenAI's.",
        "captured", _RECORDINGS,
        "content_part=twice",
    ),
    Behaviour(
        "part-once", "2.7",
        "OpenAI's have it as `part` alone.",
        "captured", "recordings of the service, 2026-07 and 2026-08",
        "content_part=once",
    ),
    Behaviour(
        "openai-edges", "2.7",
        "A turn counts from its first frame of speech, and its silence fills `silence_duration_ms`.",
        "captured", "recordings of the service, 2026-07: one clip from 1460 to 4256 ms",
        "turn_edges=openai",
    ),
    Behaviour(
        "azure-edges", "2.7",
        "For the same clip Azure's edges are 1556 and 4224 ms: a turn begins with the fourth frame of speech in a row, "
        "and its silence lasts the whole frames that fit into `silence_duration_ms`.",
        "inferred", f"{_RECORDINGS}: the edges of one clip; another rule may fit them as well",
        "turn_edges=azure",
    ),
    Behaviour(
        "azure-no-limits", "2.7",
        "Azure sends no `rate_limits.updated`.",
        "captured", f"absent from all {_RECORDINGS}",
    ),
)  # fmt: skip
