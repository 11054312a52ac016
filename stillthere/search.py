"""Campaigns in Python: what ``stillthere fuzz`` does, and its parts. docs/fuzzing.md tells how to use them.

::

    from stillthere.search import fuzz

    if __name__ == "__main__":  # the processes that play import this module too
        for failure in fuzz("my_client:MyClient", range(1000)).failures:
            print(failure.identity.title, failure.seeds)
"""

from ._lazy import check_not_shadowed

check_not_shadowed()

from harness.search.campaign import CampaignTally, FailedSeed, FailureIdentity, SeedPlayer, SeedResult
from harness.search.findings import DistinctFailure, Story
from harness.search.fuzzing import Fuzzed, fuzz
from harness.search.shrink import Shrunk, shrink
from harness.search.spreading import campaign

__all__ = [
    "CampaignTally",
    "DistinctFailure",
    "FailedSeed",
    "FailureIdentity",
    "Fuzzed",
    "SeedPlayer",
    "SeedResult",
    "Shrunk",
    "Story",
    "campaign",
    "fuzz",
    "shrink",
]
