from hashlib import blake2s

from harness.world.seeds import generator, seed_of


def draws(seed, name):
    return generator(seed, name).integers(0, 2**62, 4).tolist()


def test_the_same_name_and_seed_draw_the_same():
    assert draws(3, "link/1/up") == draws(3, "link/1/up")


def test_another_name_or_seed_draws_otherwise():
    all_draws = [draws(seed, name)[0] for seed in (0, 1, 11) for name in ("a", "b", "1/a")]
    assert len(set(all_draws)) == len(all_draws)


def test_a_seed_is_63_bits_of_a_published_hash_so_it_is_the_same_on_every_python():
    digest = blake2s(b"7/room").digest()
    assert seed_of(7, "room") == int.from_bytes(digest[:8], "big") // 2
    assert 0 <= seed_of(7, "room") < 2**63
