"""The JSON Schema of a scenario file, for editors: what ``stillthere schema`` prints.

It is that of the document models, with the parameters of each fault. What else the keys of one step owe each other and
what labels mean is beyond it; that is told by ``stillthere check``.
"""

from typing import Any

from harness.scenario.document import Document

DIALECT = "https://json-schema.org/draft/2020-12/schema"
IDENTITY = "urn:stillthere:scenario"


def json_schema() -> dict[str, Any]:
    """The schema as JSON values.

    A scenario has a name and, unless it is included, a timeline. A file without a name is one to be included, which
    may have any of the keys.
    """
    schema = Document.model_json_schema()
    del schema["required"]
    kinds = [{"required": ["scenario", key]} for key in ("timeline", "include")]
    schema["anyOf"] = [*kinds, {"not": {"required": ["scenario"]}}]
    return {"$schema": DIALECT, "$id": IDENTITY, "title": "A scenario of stillthere", **schema}
