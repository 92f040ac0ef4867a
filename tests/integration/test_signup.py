from tests.integration.records import batch, bus_event, drain, reasons


def signed_up(detail, id="event-1"):
    return batch(bus_event("UserSignedUp", detail, id))


def test_a_sign_up_asks_for_one_verification_mail(handler):
    answer = handler("signup").handler(signed_up({"email": "mia@example.org", "name": "Mia", "user_id": "u1"}), None)
    [request] = drain("send")
    assert answer == {"batchItemFailures": []}
    assert request["detail-type"] == "SendMail"
    assert request["detail"]["to"] == "mia@example.org"
    assert request["detail"]["template"] == "verification"
    assert request["detail"]["data"]["name"] == "Mia"
    assert request["detail"]["data"]["hours"] == 24
    assert request["detail"]["data"]["link"].startswith("https://pages.example/verify/")


def test_the_same_event_twice_is_the_same_request(handler):
    signup = handler("signup").handler
    signup(signed_up({"email": "mia@example.org"}), None)
    signup(signed_up({"email": "mia@example.org"}), None)
    first, second = drain("send")
    assert first == second


def test_a_request_id_makes_two_events_one_request(handler):
    signup = handler("signup").handler
    signup(signed_up({"email": "mia@example.org", "request_id": "r1"}, "event-1"), None)
    signup(signed_up({"email": "mia@example.org", "request_id": "r1"}, "event-2"), None)
    first, second = drain("send")
    assert first["detail"] == second["detail"]


def test_a_second_sign_up_gets_another_link(handler):
    signup = handler("signup").handler
    signup(signed_up({"email": "mia@example.org"}, "event-1"), None)
    signup(signed_up({"email": "mia@example.org"}, "event-2"), None)
    first, second = drain("send")
    assert first["detail"]["data"]["link"] != second["detail"]["data"]["link"]


def test_an_event_that_does_not_fit_its_schema_is_dead_lettered_with_the_reason(handler):
    good = bus_event("UserSignedUp", {"email": "mia@example.org"})
    answer = handler("signup").handler(batch(bus_event("UserSignedUp", {"email": "no address"}), good), None)
    assert answer == {"batchItemFailures": []}
    assert len(drain("send")) == 1
    [reason] = reasons()
    assert reason.startswith("UserSignedUp: detail.email must match pattern")


def test_a_body_that_is_no_json_is_dead_lettered(handler):
    handler("signup").handler(batch("{"), None)
    assert reasons() == ["the body is not JSON"]
