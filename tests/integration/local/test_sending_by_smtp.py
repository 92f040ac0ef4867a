import contextlib
import email.policy
import json
import smtplib
import ssl
from email import message_from_bytes

import pytest

from lambdas.shared.smtp_password import smtp_password

RAW = b"From: Acme <hello@acme.test>\r\nTo: Mia <mia@example.org>\r\nSubject: Hi\r\n\r\nHello\r\n"
POLICY = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Action": "ses:SendRawEmail",
        "Resource": "*",
        "Condition": {"StringLike": {"ses:FromAddress": ["*@acme.test", "*@news.acme.test"]}},
    },
}


@pytest.fixture(scope="session")
def user(deployed):
    """An IAM user that may send for acme.test, and the credentials of its key."""
    deployed.iam.create_user(UserName="smtp")
    deployed.iam.put_user_policy(UserName="smtp", PolicyName="send", PolicyDocument=json.dumps(POLICY))
    return new_key(deployed)


def new_key(mail, user="smtp"):
    key = mail.iam.create_access_key(UserName=user)["AccessKey"]
    return key["AccessKeyId"], smtp_password(key["SecretAccessKey"], "us-east-1")


def trusting(mail):
    """As a program that verifies and was told of the certificate; strict, as Python 3.13 is by default."""
    context = ssl.create_default_context(cafile=mail.up.certificate)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


@contextlib.contextmanager
def connected(mail):
    with smtplib.SMTP("127.0.0.1", mail.up.submission_port, timeout=30) as smtp:
        yield smtp


@contextlib.contextmanager
def encrypted(mail):
    with connected(mail) as smtp:
        smtp.starttls(context=trusting(mail))
        smtp.ehlo()
        yield smtp


@pytest.fixture
def smtp(mail, user):
    with encrypted(mail) as smtp:
        smtp.login(*user)
        yield smtp


def submit(smtp, raw=RAW, sender="hello@acme.test", to="mia@example.org"):
    """What SES answers to a mail."""
    assert smtp.mail(sender)[0] == 250
    assert smtp.rcpt(to)[0] == 250
    return smtp.data(raw)


def events(mail, number):
    return [json.loads(message["Message"]) for message in mail.taken(mail.outputs["EventsQueue"], number)]


def test_tls_comes_before_everything_and_a_login_before_a_mail(mail):
    with connected(mail) as smtp:
        smtp.ehlo()
        assert not smtp.has_extn("auth")
        assert smtp.docmd("AUTH PLAIN AGEAYg==") == (530, b"Must issue a STARTTLS command first")
        assert smtp.mail("hello@acme.test") == (530, b"Must issue a STARTTLS command first")
        smtp.starttls(context=trusting(mail))
        smtp.ehlo()
        assert sorted(smtp.esmtp_features["auth"].split()) == ["LOGIN", "PLAIN"]
        assert smtp.mail("hello@acme.test")[0] == 530


@pytest.mark.parametrize("mechanism", ["auth_plain", "auth_login"])
def test_a_users_key_and_its_password_are_let_in(mail, user, mechanism):
    with encrypted(mail) as smtp:
        smtp.user, smtp.password = user
        name = mechanism.removeprefix("auth_").upper()
        assert smtp.auth(name, getattr(smtp, mechanism)) == (235, b"Authentication successful.")


def test_a_wrong_password_is_refused_and_so_are_all_other_keys(mail, user):
    key = mail.iam.create_access_key(UserName="smtp")["AccessKey"]
    mail.iam.update_access_key(UserName="smtp", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    temporary = mail.sts.get_session_token()["Credentials"]
    refused = {
        "a wrong password": (user[0], user[1][:-4] + "AAAA"),
        "another region's": (key["AccessKeyId"], smtp_password(key["SecretAccessKey"], "eu-west-1")),
        "the key's own secret": (key["AccessKeyId"], key["SecretAccessKey"]),
        "an inactive key": (key["AccessKeyId"], smtp_password(key["SecretAccessKey"], "us-east-1")),
        "a temporary key": (
            temporary["AccessKeyId"],
            smtp_password(temporary["SecretAccessKey"], "us-east-1"),
        ),
        "no key": ("AKIANOBODY", "secret"),
        "root": ("test", smtp_password("test", "us-east-1")),
    }
    for what, credentials in refused.items():
        with encrypted(mail) as smtp, pytest.raises(smtplib.SMTPAuthenticationError) as error:
            smtp.login(*credentials)
        assert (error.value.smtp_code, error.value.smtp_error) == (535, b"Authentication Credentials Invalid"), what
    mail.iam.delete_access_key(UserName="smtp", AccessKeyId=key["AccessKeyId"])


def test_a_mail_goes_the_way_of_send_email(mail, smtp):
    tagged = b"X-SES-CONFIGURATION-SET: " + mail.outputs["Set"].encode() + b"\r\nX-SES-MESSAGE-TAGS: message=m-1\r\n"
    code, said = submit(smtp, tagged + b"Bcc: ben@example.org\r\n" + RAW)
    assert (code, said[:3]) == (250, b"Ok ")
    sent_id = said.decode().removeprefix("Ok ")
    sent, delivery = events(mail, 2)
    assert (sent["eventType"], delivery["delivery"]["recipients"]) == ("Send", ["mia@example.org"])
    assert (sent["mail"]["messageId"], sent["mail"]["source"]) == (sent_id, "hello@acme.test")
    assert sent["mail"]["tags"]["message"] == ["m-1"]
    assert sent["mail"]["tags"]["ses:caller-identity"] == ["smtp"]
    (path,) = mail.up.outbox.glob(f"*-{sent_id}.eml")
    message = message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert message.keys() == ["Message-ID", "Date", "Feedback-ID", "From", "To", "Subject"]
    assert (message["From"], message.get_content().strip()) == ("Acme <hello@acme.test>", "Hello")
    assert json.loads(path.with_suffix(".json").read_text()) == {
        "message_id": sent_id,
        "source": "hello@acme.test",
        "destination": ["mia@example.org"],
        "configuration_set": mail.outputs["Set"],
        "tags": {"message": "m-1"},
        "outcome": "delivered",
    }


def test_without_a_header_the_identitys_own_set_reports(mail, smtp):
    mail.sesv2.create_email_identity(EmailIdentity="news.acme.test", ConfigurationSetName=mail.outputs["Set"])
    submit(smtp, RAW.replace(b"@acme", b"@news.acme"), "hello@news.acme.test")
    sent, _ = events(mail, 2)
    assert sent["mail"]["tags"]["ses:configuration-set"] == [mail.outputs["Set"]]


def test_several_mails_go_over_one_connection(mail, smtp):
    ids = {submit(smtp)[1].decode().removeprefix("Ok ") for _ in range(3)}
    mail.settle()
    assert len({path for sent_id in ids for path in mail.up.outbox.glob(f"*-{sent_id}.eml")}) == 3


@pytest.mark.parametrize(
    ("raw", "sender", "code", "answer"),
    [
        (RAW, "eve@other.test", 554, "Access denied: User `arn:aws:iam::000000000000:user/smtp' is not authorized"),
        (RAW.replace(b"hello@acme.test", b"eve@other.test"), "hello@acme.test", 554, "Access denied: "),
        (RAW.replace(b"From: ", b"From: eve@other.test, "), "hello@acme.test", 554, "Access denied: "),
        (RAW.replace(b"From", b"X-From"), "hello@acme.test", 554, "Transaction failed: Missing required header 'From'"),
        (b"Subject: again\r\n" + RAW, "hello@acme.test", 554, "Transaction failed: Duplicate header 'Subject'"),
        (b"X-SES-CONFIGURATION-SET: none\r\n" + RAW, "hello@acme.test", 554, "Transaction failed: Configuration set"),
    ],
)
def test_what_is_refused_at_its_end(smtp, raw, sender, code, answer):
    refused, said = submit(smtp, raw, sender)
    assert (refused, said.decode()[: len(answer)]) == (code, answer)


@pytest.mark.parametrize("sender", ["", "nobody", "a b@acme.test", "müller@acme.test"])
def test_a_sender_that_is_no_address_is_refused_at_once(smtp, sender):
    command = f"MAIL FROM:<{sender}>".encode()
    smtp.sock.sendall(command + b"\r\n")
    assert smtp.getreply()[0] in (500, 501, 553)


def test_a_recipient_that_is_no_address_is_refused_at_once(smtp):
    smtp.mail("hello@acme.test")
    assert smtp.rcpt("mia@localhost") == (501, b"Invalid RCPT TO address provided")


def test_sandbox_quota_and_rate_hold_as_by_api(mail, smtp):
    mail.knob("account", sandbox=True)
    try:
        assert submit(smtp) == (
            554,
            b"Message rejected: Email address is not verified. The following identities failed the check in region "
            b"US-EAST-1: mia@example.org",
        )
        mail.knob("account", sandbox=True, max_24_hours=0)
        assert submit(smtp, to="hello@acme.test")[1] == b"Throttling failure: Daily message quota exceeded."
    finally:
        mail.knob("account", sandbox=False)
    mail.knob("sends", next=["throttle", "fail"])
    assert submit(smtp) == (454, b"Throttling failure: Maximum sending rate exceeded.")
    assert submit(smtp) == (451, b"Temporary service failure")


def test_a_paused_account_and_a_taken_permission_are_felt_on_an_open_connection(mail, smtp):
    mail.sesv2.put_account_sending_attributes(SendingEnabled=False)
    try:
        assert submit(smtp) == (554, b"Message rejected: Email sending is disabled for your account.")
    finally:
        mail.sesv2.put_account_sending_attributes(SendingEnabled=True)
    mail.iam.delete_user_policy(UserName="smtp", PolicyName="send")
    try:
        assert submit(smtp)[0] == 554
    finally:
        mail.iam.put_user_policy(UserName="smtp", PolicyName="send", PolicyDocument=json.dumps(POLICY))


def test_a_mail_may_be_taken_and_never_answered(mail, user):
    mail.knob("sends", next=["accept-and-hang"])
    tagged = b"X-SES-CONFIGURATION-SET: " + mail.outputs["Set"].encode() + b"\r\n" + RAW
    with encrypted(mail) as smtp:
        smtp.login(*user)
        smtp.sock.settimeout(1)
        with pytest.raises(smtplib.SMTPServerDisconnected, match="timed out"):
            submit(smtp, tagged)
    assert [event["eventType"] for event in events(mail, 2)] == ["Send", "Delivery"]
