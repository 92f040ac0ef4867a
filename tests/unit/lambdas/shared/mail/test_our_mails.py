"""Mails as many programs write them (tests/mail), and what a person sees in them."""

from pathlib import Path

import pytest

from lambdas.shared.mail.mail import Address, Unreadable
from lambdas.shared.mail.parse import parse

MAILS = Path(__file__).parents[4] / "mail"


def read(name):
    return parse((MAILS / f"{name}.eml").read_bytes())


@pytest.mark.parametrize(
    ("name", "reply", "signature"),
    [
        ("gmail-reply-with-quote", "Perfect, the depot it is. I will come by on Saturday.", None),
        ("gmail-forward", "This went to me by mistake, can you take it?", None),
        (
            "outlook-reply-german",
            "Danke, das passt. Bitte schicken Sie zwei Stück.",
            "Freundliche Grüsse\n\nJürg Hänni",
        ),
        (
            "outlook-web-reply-html-only",
            "It still says “wrong password” – I tried three times:\n\n"
            "* on my phone\n* in Firefox <https://browser.example/>",
            "Lucy",
        ),
        ("apple-mail-reply-inline-image", "Here is a picture of it:\n\n[lamp.png]\n\nIt happens every evening.", None),
        ("yahoo-reply-html", "The refund has arrived, thank you for being so quick!", None),
        ("iphone-reply-with-quote", "I’m at the depot now, but they can’t find the parcel 🙁", "Sent from my iPhone"),
        (
            "thunderbird-reply-flowed",
            "The one in Basel.\n\n\n"
            "Yes, Saturday morning would suit me very well, I will be in town from nine o'clock on.",
            "-- \nTom Baker\nphone +44 20 7946 0123",
        ),
        ("reply-english-inline", "Hi,\n\n\nBlue, please.\n\n\nTuesday.\n\nPat", None),
        ("reply-german-apple-mail", "Ja, gern am Dienstag.", "Viele Grüße\nUwe\n\nVon meinem iPad gesendet"),
        ("reply-french-apple-mail", "Bonjour,\n\nOui, la lampe bleue me convient.", "Cordialement,\nLuc Petit"),
        ("reply-spanish-gmail", "Sí, por favor envíenla mañana.", None),
        ("reply-italian-outlook", "Va bene, grazie.", "Cordiali saluti\nMarco Bianchi"),
        (
            "reply-portuguese-samsung",
            "Podem entregar na quinta-feira.",
            "Enviado do meu smartphone Samsung Galaxy.",
        ),
        ("reply-dutch-gmail", "Dat is prima, dank u wel.", None),
        ("reply-polish-gmail", "Tak, proszę.", "Pozdrawiam\nJan Nowak"),
        ("reply-swedish-outlook", "Det går bra.", "Med vänlig hälsning\nErik"),
        ("reply-danish-thunderbird", "Ja, tirsdag passer fint.", "Mvh\nMette"),
        ("reply-russian-yandex", "Да, подходит.", "-- \nС уважением, Ольга"),
        ("reply-japanese-gmail", "火曜日で大丈夫です。", None),
        ("reply-chinese-gmail", "好的，星期二可以。", None),
        ("chinese-gb2312", "你好，请把发票开成朱镕基公司。", "谢谢\n王小明"),
    ],
)
def test_the_new_text_is_told_from_the_quoted(name, reply, signature):
    mail = read(name)
    assert (mail.reply, mail.signature) == (reply, signature)


@pytest.mark.parametrize(
    ("name", "kind", "reasons"),
    [
        ("gmail-new-question", "mail", ()),
        ("exchange-out-of-office", "auto-reply", ("Auto-Submitted: auto-generated",)),
        ("vacation-auto-reply", "auto-reply", ("Auto-Submitted: auto-replied",)),
        ("read-receipt-mdn", "auto-reply", ("message/disposition-notification",)),
        ("postfix-dsn", "bounce", ("delivery status: failed",)),
        ("exchange-dsn", "bounce", ("delivery status: failed",)),
        ("postfix-delay", "delay", ("delivery status: delayed",)),
        ("arf-complaint", "complaint", ("Feedback-Type: abuse",)),
        ("mailman-list-post", "list", ("List-Id",)),
        ("newsletter-html-only", "list", ("List-Unsubscribe",)),
        ("smime-signed", "mail", ("signed (application/pkcs7-signature)",)),
        ("pgp-encrypted", "mail", ("encrypted (application/pgp-encrypted)",)),
        ("outlook-winmail-dat", "mail", ("winmail.dat (TNEF), kept as it is",)),
    ],
)
def test_a_mail_has_a_kind_and_reasons(name, kind, reasons):
    mail = read(name)
    assert (mail.kind, mail.reasons) == (kind, reasons)


@pytest.mark.parametrize(
    ("name", "bounces", "original"),
    [
        ("postfix-dsn", [("gone@example.org", "5.1.1", True)], "01000192f3a1-support-9@email.amazonses.com"),
        ("exchange-dsn", [("full@example.net", "5.2.2", True)], "01000192f3a1-support-10@email.amazonses.com"),
        (
            "qmail-bounce",
            [("nobody.here@example.org", "5.1.1", True), ("elsewhere@example.net", "5.2.2", True)],
            "01000192f3a1-support-11@email.amazonses.com",
        ),
        ("postfix-delay", [("slow@example.net", "4.4.1", False)], None),
        ("exim-delay-warning", [("far@example.org", "4.7.1", False)], None),
    ],
)
def test_a_bounce_says_who_failed_and_why(name, bounces, original):
    mail = read(name)
    assert [(bounced.recipient, bounced.status, bounced.permanent) for bounced in mail.bounces] == bounces
    assert mail.original_message_id == original


@pytest.mark.parametrize(
    ("name", "attachments"),
    [
        ("outlook-pdf-attachment", [("Rechnung März 2026.pdf", "application/pdf", 125, "", False)]),
        ("apple-mail-reply-inline-image", [("lamp.png", "image/png", 70, "9F8E7D6C-5B4A-3210@example.org", True)]),
        ("rfc2231-long-name", [("Übersicht der Bestellungen im Oktober – alle Läden.csv", "text/csv", 25, "", False)]),
        ("russian-koi8-r-raw-name", [("счёт.txt", "application/octet-stream", 2, "", False)]),
        ("forward-as-attachment", [("Broken lamp.eml", "message/rfc822", 526, "", False)]),
        ("smime-signed", [("smime.p7s", "application/pkcs7-signature", 73, "", False)]),
        ("outlook-winmail-dat", [("winmail.dat", "application/ms-tnef", 36, "", False)]),
        ("broken-multipart", [("lamp.png", "image/png", 45, "", False)]),
        ("mailman-list-post", []),
    ],
)
def test_attachments_have_their_names_and_sizes(name, attachments):
    found = [(a.filename, a.content_type, a.size, a.content_id, a.inline) for a in read(name).attachments]
    assert found == attachments


@pytest.mark.parametrize(
    ("name", "sender", "subject"),
    [
        (
            "gmail-new-question",
            Address(name="Mia Keller", email="mia@example.org"),
            "Can I change the delivery address of order 4711?",
        ),
        (
            "outlook-pdf-attachment",
            Address(name="Brügger, Hans", email="hans.bruegger@example.net"),
            "Rechnung für März",
        ),
        (
            "thunderbird-latin1",
            Address(name="André Müller-Lüdenscheidt", email="andre@example.net"),
            "Rückgabe der Stehlampe „Schönbrunn“",
        ),
        ("japanese-iso-2022-jp", Address(name="田中 花子", email="hanako@example.org"), "ランプの電球について"),
        ("russian-koi8-r-raw-name", Address(name="Иван Петров", email="ivan@example.net"), "Вопрос о доставке"),
        ("chinese-gb2312", Address(name="王小明", email="xiaoming@example.org"), "关于发票的问题"),
        ("wrong-charset-label", Address(name="Zoe Novak", email="zoe@example.org"), "Grüße und €"),
        ("broken-multipart", Address(name="Lea Frei", email="lea@example.org"), "cut off"),
        ("newsletter-html-only", Address(name="Café Lumière", email="news@example.net"), "☕ November at the café"),
        (
            "rfc2231-long-name",
            Address(name="Eva Horvath", email="eva@example.org"),
            "Übersicht der Bestellungen im Oktober und im November für alle Läden",
        ),
    ],
)
def test_names_and_subjects_are_decoded(name, sender, subject):
    mail = read(name)
    assert (mail.sender, mail.subject) == (sender, subject)


def test_html_only_mail_becomes_text():
    assert read("newsletter-html-only").text == (
        "November\n\nCome in & warm up:\nopen daily from 8 to 18.\n\nEspresso 3.50\nCake 6.00\n\n"
        "The menu <https://example.net/menu>\n\nhttps://example.net/plain is https://example.net/plain"
    )


def test_charsets_are_what_the_bytes_are():
    assert read("wrong-charset-label").text.strip() == "Die Lampe für 20 € – schöne Grüße, Žofie"
    assert (
        "„Schönbrunn“ gefällt uns leider doch nicht. Wir würden sie gern zurückgeben" in read("thunderbird-latin1").text
    )
    assert read("broken-multipart").text == "The picture follows – I hope."


def test_soft_breaks_are_taken_out():
    assert read("quoted-printable-soft-breaks").text.startswith(
        "This paragraph is one line of text, however long it is, because its soft breaks are taken out again, also in "
        "the middle of a character as in café, and where a program on the way added blanks: done."
    )


def test_ids_and_dates():
    mail = read("gmail-reply-with-quote")
    assert mail.message_id == "CAF2u7wKq9mia+answer2@mail.gmail.com"
    assert mail.in_reply_to == ("01000192f3a1-support-1@email.amazonses.com",)
    assert mail.references == ("01000192f3a1-support-1@email.amazonses.com",)
    assert mail.date == "2026-11-03T17:40:02+00:00"
    broken = read("broken-multipart")
    assert (broken.message_id, broken.date) == ("broken-1@example.org", None)


def test_a_list_footer_is_a_signature():
    mail = read("mailman-list-post")
    assert mail.reply == "Hello all,\n\nwhich bulbs do you use in your reading lamps?\n\nOlaf"
    assert mail.reply_to == (Address(name="Olaf Hansen", email="olaf@example.net"),)


def test_a_mail_cut_off_in_its_trace_fields_is_unreadable():
    with pytest.raises(Unreadable, match="nothing but trace fields"):
        read("truncated-unreadable")


def test_every_mail_has_the_line_ends_of_the_wire():
    for path in MAILS.glob("*.eml"):
        data = path.read_bytes()
        assert data.count(b"\n") == data.count(b"\r\n"), path.name
