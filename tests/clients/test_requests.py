from harness.clients.requests import ResponseRequests

BUSY = "conversation_already_has_active_response"


def test_a_request_is_sent_at_once_if_nothing_is_in_its_way():
    requests = ResponseRequests()
    assert requests.due() == []
    assert len(requests.ask()) == 1
    assert requests.due() == []


def test_each_request_has_an_event_id_of_its_own():
    requests = ResponseRequests()
    (first,), (second,) = requests.ask(), requests.ask()
    assert first.event_id != second.event_id


def test_a_request_waits_for_the_end_of_a_response():
    requests = ResponseRequests()
    requests.response_created("resp_1")
    assert requests.ask() == []
    assert requests.response_done("resp_0") == []
    assert len(requests.response_done("resp_1")) == 1


def test_a_response_that_is_announced_after_its_end_is_not_waited_for():
    requests = ResponseRequests()
    requests.response_done("resp_1")
    requests.response_created("resp_1")
    assert not requests.under_way
    assert len(requests.ask()) == 1


def test_speech_that_is_announced_after_its_end_is_not_waited_for():
    requests = ResponseRequests()
    requests.speech_ended("item_1")
    requests.speech_started("item_1")
    assert len(requests.ask()) == 1


def test_a_request_that_found_no_response_is_no_obstacle_to_the_next():
    requests = ResponseRequests()
    requests.ask()
    assert requests.under_way
    assert len(requests.ask()) == 1


def test_a_request_that_was_refused_for_another_reason_is_not_repeated():
    requests = ResponseRequests()
    (request,) = requests.ask()
    assert requests.refused("rate_limit_exceeded", request.event_id) == []
    assert not requests.under_way
    assert requests.due() == []


def test_a_request_that_is_refused_after_another_response_began_is_sent_again_at_its_end():
    """The response that arrives first may be the server's own, to what the user said meanwhile."""
    requests = ResponseRequests()
    (request,) = requests.ask()
    requests.response_created("resp_of_the_turn")
    assert requests.refused(BUSY, request.event_id) == []
    assert len(requests.response_done("resp_of_the_turn")) == 1


def test_a_request_that_is_refused_after_the_end_of_the_response_in_its_way_is_sent_again_at_once():
    requests = ResponseRequests()
    (request,) = requests.ask()
    requests.response_created("resp_of_the_turn")
    requests.response_done("resp_of_the_turn")
    (again,) = requests.refused(BUSY, request.event_id)
    requests.response_created("resp_asked_for")
    assert requests.refused(BUSY, request.event_id) == [], "it is refused once"
    assert again.event_id != request.event_id


def test_a_request_that_is_forgone_is_not_sent_again():
    requests = ResponseRequests()
    (request,) = requests.ask()
    requests.forgo()
    assert requests.refused(BUSY, request.event_id) == []
    assert requests.response_done("resp_of_the_server") == []
    assert not requests.under_way
