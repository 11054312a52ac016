"""An update with a bad field is answered by an error, and still applied in part."""

from collections.abc import Mapping

from .seams import PolicyFault


class PartialUpdate(PolicyFault):
    """Of a ``session.update`` that is refused, the fields before the bad one are still applied."""

    name = "partial-update"
    reports = ("read: the source of speaches",)
    causes = ()

    @property
    def changes(self) -> Mapping[str, str]:
        return {"update_error": "partial"}
