from harness.faults import MICROPHONE, NETWORK, SERVER, DetectorFault, PolicyFault, SourceFault, WireFault


def test_every_fault_that_exists_can_be_named_in_a_scenario():
    named = {*MICROPHONE.values(), *NETWORK.values(), *SERVER.values()}
    seams = (SourceFault, DetectorFault, PolicyFault, WireFault)
    assert named == {
        fault for seam in seams for fault in seam.__subclasses__() if fault.__module__.startswith("harness")
    }


def test_the_names_scenarios_are_written_with():
    assert set(MICROPHONE) == {"near-silent", "zeroed", "suspended"}
    assert set(NETWORK) == {"half-open", "stall", "reset"}
    assert set(SERVER) == {"mute", "held-active", "held-idle", "stalled-reply"}
