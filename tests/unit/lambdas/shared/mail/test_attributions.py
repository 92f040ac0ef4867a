"""The lines that mail programs put above quoted mail, in many languages, and the new text above them."""

import textwrap
from pathlib import Path

import pytest

from lambdas.shared.mail.parse import parse

# Gmail, Apple Mail, Yahoo, Yandex, mail.ru, NetEase, Zoho, K-9, Spark, Mailspring, Notes, Evolution, Proton.
WITH_ADDRESS = (
    "On Mon, Nov 3, 2026 at 12:00 PM Mia Keller <mia@example.org> wrote:",
    "Am Mo., 3. Nov. 2026 um 12:00 Uhr schrieb Mia Keller <mia@example.org>:",
    "Le lun. 3 nov. 2026 à 12:00, Mia Keller <mia@example.org> a écrit :",
    "El lun, 3 nov 2026 a las 12:00, Mia Keller (<mia@example.org>) escribió:",
    "Il giorno lun 3 nov 2026 alle ore 12:00 Mia Keller <mia@example.org> ha scritto:",
    "Em seg., 3 de nov. de 2026 às 12:00, Mia Keller <mia@example.org> escreveu:",
    "Mia Keller <mia@example.org> escreveu (segunda, 3/11/2026 à(s) 12:00):",
    "Op ma 3 nov 2026 om 12:00 schreef Mia Keller <mia@example.org>:",
    "pon., 3 lis 2026 o 12:00 Mia Keller <mia@example.org> napisał(a):",
    "Den mån 3 nov. 2026 kl 12:00 skrev Mia Keller <mia@example.org>:",
    "Den man. 3. nov. 2026 kl. 12.00 skrev Mia Keller <mia@example.org>:",
    "man. 3. nov. 2026 kl. 12.00 skrev Mia Keller <mia@example.org>:",
    "пн, 3 нояб. 2026 г. в 12:00, Mia Keller <mia@example.org>:",
    "2026年11月3日(月) 12:00 Mia Keller <mia@example.org>:",
    "Mia Keller <mia@example.org> 于2026年11月3日周一 12:00写道：",
    "Mia Keller <mia@example.org> 於 2026年11月3日 週一 下午12:00寫道：",
    "2026년 11월 3일 (월) 오후 12:00, Mia Keller <mia@example.org>님이 작성:",
    "Am 03.11.2026 um 12:00 schrieb Mia Keller <mia@example.org>:",
    "Le 3 nov. 2026 à 12:00, Mia Keller <mia@example.org> a écrit :",
    "El 3 nov 2026, a las 12:00, Mia Keller <mia@example.org> escribió:",
    "Il giorno 3 nov 2026, alle ore 12:00, Mia Keller <mia@example.org> ha scritto:",
    "Em 3 de nov. de 2026, à(s) 12:00, Mia Keller <mia@example.org> escreveu:",
    "Op 3 nov 2026, om 12:00 heeft Mia Keller <mia@example.org> het volgende geschreven:",
    "Wiadomość napisana przez Mia Keller <mia@example.org> w dniu 3 lis 2026, o godz. 12:00:",
    "3 nov. 2026 kl. 12:00 skrev Mia Keller <mia@example.org>:",
    "3 нояб. 2026 г., в 12:00, Mia Keller <mia@example.org> написал(а):",
    "2026/11/03 12:00、Mia Keller <mia@example.org>のメール:",
    "2026年11月3日 下午12:00，Mia Keller <mia@example.org> 写道：",
    "Am Montag, 3. November 2026 um 12:00:00 MEZ hat Mia Keller <mia@example.org> Folgendes geschrieben:",
    "Le lundi 3 novembre 2026 à 12:00:00 UTC+1, Mia Keller <mia@example.org> a écrit :",
    "En lunes, 3 de noviembre de 2026, 12:00:00 CET, Mia Keller <mia@example.org> escribió:",
    "Em segunda-feira, 3 de novembro de 2026 12:00:00 BRT, Mia Keller <mia@example.org> escreveu:",
    '03.11.2026, 12:00, "Mia Keller" <mia@example.org>:',
    "12:00, 3 ноября 2026 г., Mia Keller <mia@example.org>:",
    "Понедельник, 3 ноября 2026, 12:00 +03:00 от Mia Keller <mia@example.org>:",
    '在 2026-11-03 12:00:00，"Mia Keller" <mia@example.org> 写道：',
    'At 2026-11-03 12:00:00, "Mia Keller" <mia@example.org> wrote:',
    "---- On Mon, 03 Nov 2026 12:00:00 +0100 Mia Keller <mia@example.org> wrote ---",
    "---- Ein Mo, 03 Nov 2026 12:00:00 +0100 Mia Keller <mia@example.org> schrieb ----",
    "---- Le lun., 03 nov. 2026 12:00:00 +0100 Mia Keller <mia@example.org> a écrit ----",
    "Am 3. November 2026 12:00:00 MEZ schrieb Mia Keller <mia@example.org>:",
    "On 3 Nov 2026, 12:00 +0100, Mia Keller <mia@example.org>, wrote:",
    "Am 3. Nov. 2026, 12:00 +0100 schrieb Mia Keller <mia@example.org>:",
    "On Nov 3 2026, at 12:00 pm, Mia Keller <mia@example.org> wrote:",
    "Mia Keller <mia@example.org> wrote on 03/11/2026 12:00:00:",
    "Mia Keller <mia@example.org> schrieb am Mo., 3. Nov. 2026, 12:00:",
    "Mia Keller <mia@example.org> schrieb am 03.11.2026 um 12:00 Uhr:",
    "Mia Keller <mia@example.org> a écrit le 03/11/2026 à 12:00 :",
    "Am Montag, dem 03.11.2026 um 12:00 +0100 schrieb Mia Keller <mia@example.org>:",
    "ti 3. marrask. 2026 klo 12.00 Mia Keller (mia@example.org) kirjoitti:",
    "po 3. 11. 2026 v 12:00 odesílatel Mia Keller <mia@example.org> napsal:",
    "Mia Keller <mia@example.org> ezt írta (időpont: 2026. nov. 3., H, 12:00):",
    "În lun., 3 nov. 2026 la 12:00, Mia Keller <mia@example.org> a scris:",
    "Mia Keller <mia@example.org>, 3 Kas 2026 Pzt, 12:00 tarihinde şunu yazdı:",
    "Στις Δευ 3 Νοε 2026 στις 12:00 μ.μ., ο χρήστης Mia Keller <mia@example.org> έγραψε:",
    "пн, 3 лист. 2026 р. о 12:00 Mia Keller <mia@example.org> пише:",
    "Vào Th 2, 3 thg 11, 2026 vào lúc 12:00 Mia Keller <mia@example.org> đã viết:",
    "בתאריך יום ב׳, 3 בנוב׳ 2026 ב-12:00 מאת Mia Keller <mia@example.org>:",
    "في الاثنين، 3 نوفمبر 2026 في 12:00 م تمت كتابة ما يلي بواسطة Mia Keller <mia@example.org>:",
    "Pada Sen, 3 Nov 2026 pukul 12.00 Mia Keller <mia@example.org> menulis:",
    "El dl., 3 de nov. 2026 a les 12:00, Mia Keller <mia@example.org> va escriure:",
    "On Monday, November 3rd, 2026 at 12:00 PM, Mia Keller <mia@example.org> wrote:",
    "Il lun 3 nov 2026, 12:00 Mia Keller <mia@example.org> ha scritto:",
    "El lun., 3 nov. 2026 12:00, Mia Keller <mia@example.org> escribió:",
    "Em seg, 3 de nov de 2026 12:00, Mia Keller <mia@example.org> escreveu:",
    "Op ma 3 nov 2026 12:00 schreef Mia Keller <mia@example.org>:",
    '3 листопада 2026, 12:00:00, від "Mia Keller" <mia@example.org>:',
)
# Thunderbird, Roundcube, Horde, SquirrelMail, Mutt, Gnus, KMail, The Bat!, Tlen: known by the marks of quoting below.
ABOVE_MARKS = (
    "Am 03.11.26 um 12:00 schrieb Mia Keller:",
    "Le 03/11/2026 à 12:00, Mia Keller a écrit :",
    "El 3/11/26 a las 12:00, Mia Keller escribió:",
    "Il 03/11/2026 12:00, Mia Keller ha scritto:",
    "Em 03/11/2026 12:00, Mia Keller escreveu:",
    "Às 12:00 de 03/11/2026, Mia Keller escreveu:",
    "Op 03-11-2026 om 12:00 schreef Mia Keller:",
    "W dniu 3.11.2026 o 12:00, Mia Keller pisze:",
    "Den 2026-11-03 kl. 12:00, skrev Mia Keller:",
    "Den 03.11.2026 kl. 12.00 skrev Mia Keller:",
    "03.11.2026 12:00, Mia Keller пишет:",
    "2026/11/03 12:00, Mia Keller wrote:",
    "2026/11/03 12:00、Mia Keller のメッセージ:",
    "On 2026/11/03 12:00, Mia Keller wrote:",
    "在 2026/11/3 12:00, Mia Keller 写道:",
    "於 2026/11/3 12:00, Mia Keller 寫道:",
    "Am 2026-11-03 12:00, schrieb Mia Keller:",
    "W dniu 2026-11-03 12:00, Mia Keller napisał(a):",
    "Zitat von Mia Keller <mia@example.org>:",
    "Quoting Mia Keller <mia@example.org>:",
    "Citando Mia Keller <mia@example.org>:",
    "Citation de Mia Keller <mia@example.org>:",
    "Mia Keller <mia@example.org> escribió:",
    "Mia Keller <mia@example.org> ha scritto:",
    "Mia Keller <mia@example.org> a écrit :",
    "Mia Keller <mia@example.org> schrieb:",
    "Citat Mia Keller <mia@example.org>:",
    "Citerar Mia Keller <mia@example.org>:",
    "Cytowanie Mia Keller <mia@example.org>:",
    "* Mia Keller <mia@example.org> [2026-11-03 12:00]:",
    "Mia Keller <mia@example.org> writes:",
    "Mia Keller writes:",
    "Am Montag, 3. November 2026, 12:00:00 CET schrieb Mia Keller:",
    "Monday, November 3, 2026, 12:00:00 PM, you wrote:",
    "Вы писали 3 ноября 2026 г., 12:00:00:",
    "Mia Keller wrote:",
    "Mia Keller schrieb:",
    "Mia Keller a écrit :",
    "Mia Keller ha scritto:",
    "Mia Keller escribió:",
    "Mia Keller さんは書きました:",
    "Mia Keller pisze:",
    "Mia Keller skrev:",
    "Dnia 3 listopada 2026 12:00 Mia Keller <mia@example.org> napisał(a):",
    "Dana 3.11.2026. u 12:00, Mia Keller je napisao:",
    "On Tuesday 03 November 2026 12:00, Mia Keller wrote:",
    "2026-11-03 12:00 GMT+01:00 Mia Keller <mia@example.org>:",
    "2026-11-03 12:00 keltezéssel, Mia Keller írta:",
    "El 2026-11-03 12:00, Mia Keller escribió:",
)
# Outlook, Samsung, GMX, QQ, Proton, eM Client, Notes, Orange, Libero, T-Online, Open-Xchange, Onet, Seznam, mail.ru.
HEADERS = (Path(__file__).parents[4] / "mail" / "copied-headers.txt").read_text(encoding="utf-8")[:-1].split("\n\n")
TEXT = "Guten Tag\n\nwo ist die Lampe?"
MARKED = "> Guten Tag\n>\n> wo ist die Lampe?"


def reply(above, quoted):
    head = "From: Tom Baker <tom@example.net>\nSubject: Re: x\nContent-Type: text/plain; charset=utf-8\n\n"
    return parse(f"{head}Das passt gut.\n\n{above}\n\n{quoted}\n".encode()).reply


@pytest.mark.parametrize("line", WITH_ADDRESS + ABOVE_MARKS)
def test_a_line_above_marked_quotation_is_not_new(line):
    assert reply(line, MARKED) == "Das passt gut."


@pytest.mark.parametrize("line", WITH_ADDRESS)
def test_a_line_with_date_and_address_starts_a_quotation_without_marks(line):
    assert reply(line, TEXT) == "Das passt gut."


@pytest.mark.parametrize("line", WITH_ADDRESS)
def test_such_a_line_may_be_broken_on_the_way(line):
    assert reply(textwrap.fill(line, 60, break_long_words=False), MARKED) == "Das passt gut."


@pytest.mark.parametrize("header", HEADERS, ids=lambda header: header.split("\n")[0])
def test_a_copied_header_starts_a_quotation(header):
    assert reply(header, MARKED if header.startswith(">") else TEXT) == "Das passt gut."


@pytest.mark.parametrize(
    "sentence",
    [
        "My neighbour wrote:",
        "as you wrote on Monday:",
        "Please write to <jo@example.org> before 3.11.2026\nor call:",
        "Mia Keller <mia@example.org> is away until 3.11.2026,\nso answer to:",
        "--- 3.11.2026 ---",
        "From: the moon",
    ],
)
def test_a_person_s_sentence_is_new(sentence):
    assert reply(sentence, "the lamp") == f"Das passt gut.\n\n{sentence}\n\nthe lamp"


def test_the_end_of_a_link_that_was_broken_is_quoted_too():
    quoted = "> See (http://shop.example/action\n_nonce=3dd518)\n> more\n (http://shop.example/x) >\n> end"
    assert reply("On Mon, 3 Nov 2026 at 12:00, Mia wrote:", quoted) == "Das passt gut."


def test_polymail_breaks_its_line_in_the_middle():
    above = "On Tue, Nov 3, 2026 at 12:00 PM Mia Keller\n\n<\nmailto:Mia Keller <mia@example.org>\n> wrote:"
    assert reply(above, "quoted") == "Das passt gut."
