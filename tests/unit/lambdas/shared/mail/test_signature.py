import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.shared.mail.signature import split


@pytest.mark.parametrize(
    ("above", "signature"),
    [
        ("Text.", "-- \nMia Keller\nAcme"),
        ("Text.", "--\nMia"),
        ("Text.", "Best regards,\nMia"),
        ("Text.", "Kind regards\n\nMia Keller\nHead of Lamps"),
        ("Text.", "Thanks!\nMia"),
        ("Text.", "Mit freundlichen Grüßen\nMia"),
        ("Text.", "Cordialement,\n\nMia"),
        ("Text.", "Saludos,\nMia"),
        ("Text.", "Cordiali saluti"),
        ("Text.", "Atenciosamente,\nMia"),
        ("Text.", "Met vriendelijke groet,\nMia"),
        ("Text.", "Pozdrawiam,\nMia"),
        ("Text.", "Med vänliga hälsningar\nMia"),
        ("Text.", "Med venlig hilsen\nMia"),
        ("Text.", "С уважением,\nМия"),
        ("Text.", "Sent from my iPhone"),
        ("Text.", "Von meinem iPhone gesendet"),
        ("Text.", "Envoyé de mon iPhone"),
        ("Text.", "Enviado desde mi iPhone"),
        ("Text.", "Inviato da iPhone"),
        ("Text.", "Verstuurd vanaf mijn iPhone"),
        ("Text.", "Wysłane z iPhone'a"),
        ("Text.", "Skickat från min iPhone"),
        ("Text.", "Отправлено с iPhone"),
        ("Text.", "iPhoneから送信"),
        ("Text.", "发自我的iPhone"),
        ("Text.", "Get Outlook for iOS"),
        ("Text.", "Cheers,\nMia\n\nSent from my Android phone"),
        ("Text.", "-Mia"),
        ("Text.", "/Mia"),
        ("Text.", "_______________________________________________\nLamps mailing list\nlamps@example.org"),
        ("Thanks,\n\nText.", "regards\n\nMia"),
        ("Text.", "Mia Keller\nmia@example.org\n+41 44 555 01 23\nwww.example.org"),
    ],
)
def test_signatures_are_split_off(above, signature):
    assert split(f"{above}\n\n{signature}") == (above, signature)


@pytest.mark.parametrize(
    "text",
    [
        "Thanks for your answer, it helped.",
        "Hello\n\nWith regards to the lamp: it is broken.",
        "-- \nMia",
        "Thanks",
        "Steps:\n- open\n- close\n- repeat it all over again",
        "One.\n\nTwo.\n\nThree.",
        "Please call me.\n\nMy number is +41 44 555 01 23.",
    ],
)
def test_text_is_no_signature(text):
    assert split(text) == (text, None)


def test_the_sender_s_name_below_the_text_is_a_signature():
    assert split("Text.\n\nMia Keller\nvia mobile", "Mia Keller") == ("Text.", "Mia Keller\nvia mobile")


@given(st.text(alphabet="-_ \nThanksBestregards,/\x02", max_size=200))
def test_nothing_is_lost(text):
    above, signature = split(text)
    kept = "".join((above + (signature or "")).replace("\x02", "").split())
    assert kept == "".join(text.replace("\x02", "").split())
