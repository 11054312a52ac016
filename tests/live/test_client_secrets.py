"""What the server remembers of client secrets: so much, and no more."""

from harness.live.client_secrets import ClientSecret, ClientSecrets


def secret(number, **fields):
    return ClientSecret(value=f"ek_{number}", expires_at=10, session={}, **fields)


def test_expired_ones_are_known():
    known = ClientSecrets()
    known.add(secret(1))
    assert known.find("ek_1").has_expired(11)
    assert known.find("ek_2") is None and known.find(None) is None


def test_the_oldest_are_forgotten_when_there_are_too_many():
    known = ClientSecrets()
    for number in range(20_000):
        known.add(secret(number))
    assert known.find("ek_0") is None and known.find("ek_3000") is None
    assert known.find("ek_19999") is not None and known.find("ek_4000") is not None


def test_large_ones_count_for_more():
    known = ClientSecrets()
    for number in range(20):
        known.add(secret(number, size_bytes=1024 * 1024))
    assert [number for number in range(20) if known.find(f"ek_{number}")] == list(range(4, 20))
