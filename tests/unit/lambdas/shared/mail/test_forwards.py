import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.shared.mail.forwards import Forwarded, forwarded
from lambdas.shared.mail.mail import Address, Unreadable
from lambdas.shared.mail.parse import parse

MAILS = Path(__file__).parents[4] / "mail"
ENGLISH = "The second lamp arrived with a broken switch."
GERMAN = "Die zweite Lampe kam mit einem defekten Schalter an."
FRENCH = "La deuxième lampe est arrivée cassée."
RUSSIAN = "Вторая лампа пришла сломанной."
CHINESE = "第二盏灯到的时候坏了。"
PETRA, LUC = "Petra Lang <petra@example.org>", "Luc Petit <luc@example.org>"
OLGA, XIAOMING = "Ольга Петрова <olga@example.org>", "王小明 <xiaoming@example.org>"
HEAD = "From: jonas@acme.test\nTo: support@acme.test\nSubject: {}\nContent-Type: text/plain; charset=utf-8\n\n"

FORWARDS = {
    "chinese-netease": (XIAOMING, "坏了的灯", "2026-11-03 21:12:00", CHINESE),
    "chinese-qq": (XIAOMING, "坏了的灯", "2026年11月3日(星期二) 晚上9:12", CHINESE),
    "danish-apple-mail": (
        "Mette Holm <mette@example.org>",
        "Ødelagt lampe",
        "3. november 2026 kl. 21.12.00 CET",
        "Den anden lampe kom ødelagt frem.",
    ),
    "dutch-thunderbird": (
        "Jan de Vries <jan@example.org>",
        "Kapotte lamp",
        "Tue, 3 Nov 2026 21:12:00 +0100",
        "De tweede lamp kwam kapot aan.",
    ),
    "english-apple-mail": (
        PETRA,
        "Broken lamp",
        "3 November 2026 at 21:12:00 CET",
        f"{ENGLISH}\n\n> We will send it on Monday.\n\nPetra",
    ),
    "english-new-outlook-mac": (PETRA, "Broken lamp", "Tuesday, 3 November 2026 at 21:12", ENGLISH),
    "english-notes": (PETRA, "Broken lamp", "03.11.2026 21:12", ENGLISH),
    "english-outlook-mac": (PETRA, "Broken lamp", "03/11/2026 21:12", f"{ENGLISH}\nPetra"),
    "english-samsung": (PETRA, "Broken lamp", "03/11/2026 21:12 (GMT+01:00)", ENGLISH),
    "english-yahoo": (PETRA, "Broken lamp", "Tuesday, November 3, 2026, 09:12:00 PM GMT+1", f"{ENGLISH}\nPetra"),
    "english-zoho": (PETRA, "Broken lamp", "Tue, 03 Nov 2026 21:12:00 +0100", ENGLISH),
    "french-apple-mail": (LUC, "Lampe cassée", "3 novembre 2026 à 21:12:00 UTC+1", FRENCH),
    "french-gmail": (LUC, "Lampe cassée", "mar. 3 nov. 2026 à 21:12", FRENCH),
    "french-outlook-web": (LUC, "Lampe cassée", "mardi 3 novembre 2026 21:12", FRENCH),
    "german-apple-mail": (PETRA, "Defekte Lampe", "3. November 2026 um 21:12:00 MEZ", GERMAN),
    "german-gmx": (PETRA, "Defekte Lampe", "Dienstag, 03. November 2026 um 21:12 Uhr", GERMAN),
    "german-outlook": (PETRA, "Defekte Lampe", "Dienstag, 3. November 2026 21:12", GERMAN),
    "german-thunderbird": (PETRA, "Defekte Lampe", "Tue, 3 Nov 2026 21:12:00 +0100", GERMAN),
    "italian-thunderbird": (
        "Marco Bianchi <marco@example.org>",
        "Lampada rotta",
        "Tue, 3 Nov 2026 21:12:00 +0100",
        "La seconda lampada è arrivata rotta.",
    ),
    "japanese-outlook": (
        "田中 花子 <hanako@example.org>",
        "壊れたランプ",
        "2026年11月3日 21:12",
        "二つ目のランプが壊れて届きました。",
    ),
    "polish-thunderbird": (
        "Jan Nowak <jan@example.org>",
        "Zepsuta lampa",
        "Tue, 3 Nov 2026 21:12:00 +0100",
        "Druga lampa przyszła zepsuta.",
    ),
    "portuguese-yahoo": (
        "João Silva <joao@example.org>",
        "Lâmpada quebrada",
        "terça-feira, 3 de novembro de 2026 21:12:00 GMT+1",
        "A segunda lâmpada chegou quebrada.",
    ),
    "russian-mail-ru": (OLGA, "Сломанная лампа", "Вторник, 3 ноября 2026, 21:12 +01:00", RUSSIAN),
    "russian-yandex": (OLGA, "Сломанная лампа", "03.11.2026, 21:12", RUSSIAN),
    "spanish-outlook": (
        "Ana Ruiz <ana@example.org>",
        "Lámpara rota",
        "martes, 3 de noviembre de 2026 21:12",
        "La segunda lámpara llegó rota.",
    ),
    "swedish-outlook": (
        "Erik Berg <erik@example.org>",
        "Trasig lampa",
        "den 3 november 2026 21:12",
        "Den andra lampan kom trasig.",
    ),
    "of-a-colleague": ("Lang, Petra <>", "Broken lamp", "Tuesday, November 3, 2026 9:12 PM", "Who does this?"),
    "as-attachment": (PETRA, "Broken lamp", "", "The second lamp is broken."),
}


def read(name):
    return forwarded(parse((MAILS / f"{name}.eml").read_bytes()))


def typed(subject, text):
    return forwarded(parse((HEAD.format(subject) + text).encode()))


@pytest.mark.parametrize("name", FORWARDS)
def test_the_mail_that_was_forwarded_is_found(name):
    sender, subject, date, text = FORWARDS[name]
    found = read(f"forward-{name}")
    assert (f"{found.sender.name} <{found.sender.email}>", found.subject, found.date, found.text) == (
        sender,
        subject,
        date,
        text,
    )


def test_of_a_forward_of_a_forward_the_outer_one_counts():
    found = read("forward-of-a-forward")
    assert (found.sender, found.subject) == (Address(name="Ann Moore", email="ann@example.net"), "Fwd: Broken lamp")
    assert found.text.startswith("I got this.\n\n---------- Forwarded message ---------\nFrom: Petra Lang")


def test_all_other_mails_forward_nothing():
    found = {}
    for path in MAILS.glob("*.eml"):
        try:
            found[path.stem] = forwarded(parse(path.read_bytes()))
        except Unreadable:
            continue
    expected = {f"forward-{name}" for name in FORWARDS} | {"forward-of-a-forward", "gmail-forward"}
    assert {name for name, forward in found.items() if forward} == expected


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Fwd: hello", "Just a text.\n"),
        ("Fwd: hello", "Begin forwarded message:\n\nnothing more\n"),
        ("Hello", "---------- Forwarded message ---------\nnothing more\n"),
        ("Hello", "Please note:\nFrom: Basel\nTo: Bern\n"),
        ("Re: hello", "From: Petra <petra@example.org>\nSent: today\nTo: us\nSubject: x\n\nanswered\n"),
        ("Re: hello", "On 3 Nov 2026, Petra <petra@example.org> wrote:\n\nanswered\n"),
        (
            "Re: hello",
            "Yes.\n> you said\n\n---------- Forwarded message ---------\nFrom: a <a@example.org>\nSubject: x\n",
        ),
        ("Question about FW: 12", "From: Petra <petra@example.org>\nSent: today\nSubject: x\n"),
    ],
)
def test_what_looks_like_a_forward_and_is_none(subject, text):
    assert typed(subject, text) is None


def test_the_subject_stands_in_for_one_that_was_not_copied():
    found = typed("[Acme] Fwd: FW: Lamp", "Begin forwarded message:\n\nFrom: mia@example.org\nDate: today\n\nHello\n")
    assert found == Forwarded(
        sender=Address(name="", email="mia@example.org"), subject="Lamp", date="today", text="Hello"
    )


@pytest.mark.parametrize(
    ("copied", "name", "email"),
    [
        ("Mia Keller <mia@Example.ORG>", "Mia Keller", "mia@example.org"),
        ('"Keller, Mia" <mia@example.org>', "Keller, Mia", "mia@example.org"),
        ("Mia Keller [mailto:mia@example.org]", "Mia Keller", "mia@example.org"),
        ("mia@example.org<mailto:mia@example.org>", "", "mia@example.org"),
        ("*Mia Keller* <mia@example.org>", "Mia Keller", "mia@example.org"),
        ("Mia (mia@example.org)", "Mia", "mia@example.org"),
        ("Mia Keller", "Mia Keller", ""),
    ],
)
def test_senders_are_read_as_programs_copy_them(copied, name, email):
    found = typed("Fwd: x", f"----- Forwarded Message -----\nFrom: {copied}\nSubject: x\n\nHello\n")
    assert found.sender == Address(name=name, email=email)


@given(
    st.lists(
        st.sampled_from(
            [
                "----- Forwarded Message -----",
                "Begin forwarded message:",
                "From: a <a@example.org>",
                "Subject: x",
                "To: b",
                "Date: today",
                "> ",
                "",
                " ",
                "wrote:",
                "On 1 May a <a@example.org> wrote:",
                "____",
                "From:",
                ":",
                "\uff1a",
            ]
        )
        | st.text(max_size=20),
        max_size=20,
    ),
    st.sampled_from(["Fwd: x", "Re: x", ""]),
)
def test_any_text_is_read(lines, subject):
    found = typed(subject, "\n".join(line.encode("utf-8", "replace").decode() for line in lines))
    assert found is None or set(found.text) <= set("\n".join(lines)) | set("?")


HOSTILE = {
    "markers": "----- Forwarded Message -----\n",
    "markers and senders": "----- Forwarded Message -----\nFrom: a\n\n",
    "colons": "Begin forwarded message:\n",
    "labels": "From: a\n\n",
    "one label": "To: a\n",
    "introductions": "a <a@example.org> wrote:\n",
    "dashes": "-- ",
    "labels on one line": "----- Forwarded Message ----- From: a To: b Subject: c Cc: d\n",
    "brackets": "[<(" * 300 + " wrote:\n",
    "blanks": " " * 900 + ":\n",
    "ends": "From: a\nTo: b\n\n" + "-- " * 300 + "\n",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_mail_takes_linear_time(kind):
    mail = parse((HEAD.format("Fwd: x") + HOSTILE[kind] * (1_000_000 // len(HOSTILE[kind]))).encode())
    start = time.process_time()
    forwarded(mail)
    assert time.process_time() - start < 2
