"""What real SDKs do when something breaks: small apps, one of each SDK, under the faults that matter.

``make sdk-matrix`` writes docs/sdk-matrix.md with it.
"""
