import base64

import pytest

from lambdas.cognito.mail import event_for


def trigger(source, **changes):
    return {
        "triggerSource": source,
        "userPoolId": "us-east-1_Acme",
        "userName": "mia",
        "request": {
            "type": "customEmailSenderRequestV1",
            "code": base64.b64encode(b"encrypted").decode(),
            "userAttributes": {"email": "mia@example.org", "sub": "u-1"},
            **changes,
        },
    }


def decrypt(ciphertext):
    assert ciphertext == b"encrypted"
    return "048213"


@pytest.mark.parametrize(
    ("source", "minutes"),
    [
        ("CustomEmailSender_SignUp", 1440),
        ("CustomEmailSender_ForgotPassword", 60),
        ("CustomEmailSender_Authentication", 3),
        ("CustomEmailSender_SomethingNew", 60),
    ],
)
def test_a_code_goes_out_as_a_one_time_code_with_how_long_it_is_good(source, minutes):
    detail = event_for(trigger(source), decrypt)["detail"]
    assert (detail["to"], detail["template"]) == ("mia@example.org", "one-time-code")
    assert detail["data"] == {"code": "048213", "minutes": minutes}


def test_an_invitation_names_user_and_temporary_password():
    detail = event_for(trigger("CustomEmailSender_AdminCreateUser"), decrypt)["detail"]
    assert detail["data"]["text"] == "Your user name is mia and your temporary password is 048213"


def test_a_warning_has_no_code():
    detail = event_for(trigger("CustomEmailSender_AccountTakeOverNotification", code=None), decrypt)["detail"]
    assert detail["data"]["title"] == "An unusual sign-in"


def test_the_same_call_is_the_same_mail_and_another_code_another():
    def key(**changes):
        return event_for(trigger("CustomEmailSender_SignUp", **changes), lambda _: "1")["detail"]["idempotency_key"]

    assert key() == key()
    assert key() != key(code=base64.b64encode(b"other").decode())


def test_the_users_language_goes_along():
    attributes = {"email": "mia@example.org", "locale": "de-CH"}
    assert (
        event_for(trigger("CustomEmailSender_SignUp", userAttributes=attributes), decrypt)["detail"]["locale"]
        == "de-CH"
    )
