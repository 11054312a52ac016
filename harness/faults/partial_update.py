"""An update with a bad field is answered by an error, and in part in force all the same."""

from collections.abc import Mapping

from harness.faults.seams import PolicyFault


class PartialUpdate(PolicyFault):
    """Of a ``session.update`` that is refused, what stands before the bad field is in force all the same."""

    name = "partial-update"
    reports = ("read: the source of speaches",)
    causes = ()

    @property
    def changes(self) -> Mapping[str, str]:
        return {"update_error": "partial"}
