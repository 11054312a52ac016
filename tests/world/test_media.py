"""The media of a call: what a sender sends, and what a receiver makes of packets that are lost."""

import numpy as np

from harness.audio.concealment import Concealment
from harness.faults import ActiveFault
from harness.faults.loss_bursts import LossBursts
from harness.faults.packet_loss import PacketLoss
from harness.units import MS, SECOND
from harness.world.media import MediaLink, Packetizer, Receiver
from harness.world.scheduler import Scheduler

CHUNK = 480


def chunk(value, size=CHUNK):
    return np.full(size, value, "<i2").tobytes()


def sent(gives, chunk_ms=20):
    """The first sample of each packet; ``gives`` has the appends of each captured chunk, None: no chunk is captured."""
    packetizer, packets = Packetizer(), []
    for number, given in enumerate(gives, 1):
        if given is None:
            continue
        for pcm in given:
            packetizer.give(pcm)
        packetizer.captured(chunk_ms * 24)
        packets += packetizer.due(number * chunk_ms * MS, chunk_ms * MS)
    return [(number, int(np.frombuffer(pcm, "<i2")[0])) for number, pcm in packets]


def test_each_chunk_is_a_packet_and_what_is_not_given_is_silence():
    assert sent([[chunk(1)], [chunk(2)], [], [chunk(4)]]) == [(1, 1), (2, 2), (3, 0), (4, 4)]


def test_a_capture_that_stands_still_sends_nothing():
    assert sent([[chunk(1)], None, None, [chunk(4)]]) == [(1, 1), (4, 4)]


def test_audio_that_is_sent_again_takes_real_time_and_the_place_of_what_is_captured_meanwhile():
    again = b"".join(chunk(value) for value in range(50, 70))
    packets = sent([[again], *[[chunk(value)] for value in range(1, 30)]])
    assert [value for _, value in packets[:20]] == list(range(50, 70))
    assert [number for number, _ in packets] == list(range(1, 31))
    assert packets[-1][1] in range(17, 30), "then what is captured goes out again, at most 0.2 s old"


def test_other_chunks_are_cut_into_packets_of_20_ms():
    packets = sent([[chunk(value, 1_200)] for value in range(1, 5)], chunk_ms=50)
    assert [number for number, _ in packets] == list(range(1, 11))


def test_batches_go_out_whole():
    batch = [b"".join(chunk(5 * number + value) for value in range(5)) for number in range(4)]
    gives = [[batch[number // 5]] if number % 5 == 4 else [] for number in range(20)]
    values = [value for _, value in sent([*gives, [], [], [], []])]
    assert values[4:] == list(range(20)), "100 ms late, and without a hole"


def played(fault=None, packets=500, jitter_ms=0, seed=0):
    """What is played of a steady stream: its numbers, None for what was lost, and the link."""
    scheduler, out = Scheduler(), []
    receiver = Receiver(scheduler, out.append, lambda: out.append("dry"))
    link = MediaLink(scheduler, "up", seed, "media/1/up", 40 * MS, jitter_ms * MS, receiver.arrive)
    if fault is not None:
        active = ActiveFault(fault, np.random.default_rng(1))
        link.inject(active, fault.begin(active.rng))
    for number in range(packets):
        scheduler.at(number * 20 * MS, lambda each: link.send(each, each), number)
    scheduler.at(packets * 20 * MS + SECOND, lambda _: scheduler.stop())
    scheduler.run()
    return [each for each in out if each != "dry"], link


def test_a_stream_is_played_in_order_whatever_its_jitter():
    for jitter_ms in (0, 10, 25):
        out, link = played(jitter_ms=jitter_ms)
        assert out[:500] == list(range(500)) and (link.sent, link.lost) == (500, 0)


def test_most_single_losses_are_none_and_bursts_are():
    """With copies only two losses in a row are heard: at 20 % some 4 % of the packets."""
    single, link = played(PacketLoss(share=0.2), packets=2_000)
    lost = sum(each is None for each in single[:1_990])
    assert 0.17 < link.lost / link.sent < 0.23 and 0.02 < lost / 2_000 < 0.06
    bursts, link = played(LossBursts(share=0.2, packets=8), packets=4_000)
    assert 0.13 < link.lost / link.sent < 0.27
    assert sum(each is None for each in bursts) > 0.5 * link.lost, "after ten, the receiver waits for the stream anew"


def test_the_losses_are_those_of_the_seed():
    assert played(PacketLoss(share=0.3), seed=1)[0] == played(PacketLoss(share=0.3), seed=1)[0]


def test_what_is_made_up_fades_and_holds_integers_only():
    conceal = Concealment()
    conceal.good(chunk(16_000))
    levels = [int(np.frombuffer(conceal.lost(960), "<i2")[0]) for _ in range(7)]
    assert levels == [8_000, 4_000, 2_000, 1_000, 500, 0, 0]
    assert conceal.lost(100) == bytes(100)
