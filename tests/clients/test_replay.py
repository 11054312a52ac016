from harness.clients.replay import ConversationHistory


def replayed(history):
    return [(event.item.role, event.item.content[0].type, event.item.content[0].text) for event in history.replay()]


def test_turns_are_replayed_in_order_with_the_content_type_of_their_role():
    history = ConversationHistory()
    history.user("u1")
    history.assistant("a1", "Hello.")
    history.user("u2")
    assert replayed(history) == [
        ("user", "input_text", "(spoken, without transcript)"),
        ("assistant", "output_text", "Hello."),
        ("user", "input_text", "(spoken, without transcript)"),
    ]
    assert len(history.replay()) == 3


def test_items_are_replayed_without_their_old_ids():
    """An id of another session must not collide with the new one's."""
    history = ConversationHistory()
    history.user("u1")
    assert not isinstance(history.replay()[0].item.id, str)


def test_only_the_last_fifty_turns_are_kept():
    history = ConversationHistory()
    for number in range(60):
        history.assistant(f"a{number}", f"turn {number}")
    assert [text for _, _, text in replayed(history)] == [f"turn {number}" for number in range(10, 60)]


def test_a_turn_reported_twice_is_one_turn():
    history = ConversationHistory()
    history.assistant("a1", "Hel")
    history.assistant("a1", "Hello.")
    assert [text for _, _, text in replayed(history)] == ["Hello."]
