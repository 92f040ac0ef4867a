import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.shared.mail.quotes import remove


@pytest.mark.parametrize(
    "quotation",
    [
        "On Mon, Nov 2, 2026 at 9:14 AM Mia Keller <mia@example.org> wrote:\n> old",
        "On 02/11/2026 09:14, Mia Keller wrote:\n> old",
        "On 2 Nov 2026, at 09:14, Mia Keller\n<mia@example.org> wrote:\n\n> old",
        "On Mon, Nov 2, 2026 at 9:14 AM Mia Keller <\nmia@example.org> wrote:\n\n> old",
        "On Monday, November 2, 2026 at 9:14:22 AM GMT, Mia Keller <mia@example.org> wrote:\n\nold",
        "Am 02.11.26 um 09:14 schrieb Mia Keller:\n> old",
        "Am Mo., 2. Nov. 2026 um 09:14 Uhr schrieb Mia Keller <mia@example.org>:\n\n> old",
        "Le lun. 2 nov. 2026 à 09:14, Mia Keller <mia@example.org> a écrit :\n\n> old",
        "El lun, 2 nov 2026 a las 9:14, Mia Keller (<mia@example.org>) escribió:\n\n> old",
        "Il giorno lun 2 nov 2026 alle ore 09:14 Mia Keller <mia@example.org> ha\nscritto:\n\n> old",
        "Em seg., 2 de nov. de 2026 às 09:14, Mia Keller <mia@example.org> escreveu:\n\n> old",
        "Op ma 2 nov 2026 om 09:14 schreef Mia Keller <mia@example.org>:\n\n> old",
        "pon., 2 lis 2026 o 09:14 Mia Keller <mia@example.org> napisał(a):\n\n> old",
        "Den mån 2 nov. 2026 kl 09:14 skrev Mia Keller <mia@example.org>:\n\n> old",
        "man. 2. nov. 2026 kl. 09.14 skrev Mia Keller <mia@example.org>:\n\n> old",
        "man. 2. nov. 2026 kl. 09.14 skrev Mia Keller <mia@example.org\n>:\n\n> old",
        "пн, 2 нояб. 2026 г. в 09:14, Mia Keller <mia@example.org>:\n\n> old",
        "02.11.2026 09:14, Mia Keller пишет:\n> old",
        "2026年11月2日(月) 9:14 Mia Keller <mia@example.org>:\n\n> old",
        "Mia Keller <mia@example.org> 于2026年11月2日周一 09:14写道：\n\n> old",
        "-----Original Message-----\nFrom: Mia\n\nold",
        "-----Ursprüngliche Nachricht-----\nVon: Mia\n\nold",
        "________________________________\nFrom: Mia Keller <mia@example.org>\nSent: Monday, November 2\nTo: Us\n\nold",
        "From: Mia Keller <mia@example.org>\nDate: Monday, 2 November 2026 at 09:14\nTo: Us\nSubject: x\n\nold",
        "*From:* Mia Keller\n*Sent:* Monday\n*To:* Us\n\nold",
        "Von: Mia Keller\nGesendet: Montag, 2. November 2026 09:14\nAn: Wir\nBetreff: x\n\nold",
        "De : Mia Keller\nEnvoyé : lundi 2 novembre 2026 09:14\nÀ : Nous\nObjet : x\n\nold",
        "De: Mia Keller\nEnviado el: lunes, 2 de noviembre de 2026 9:14\nPara: Nosotros\nAsunto: x\n\nold",
        "Da: Mia Keller\nInviato: lunedì 2 novembre 2026 09:14\nA: Noi\nOggetto: x\n\nold",
        "Van: Mia Keller\nVerzonden: maandag 2 november 2026 09:14\nAan: Ons\nOnderwerp: x\n\nold",
        "Od: Mia Keller\nWysłano: poniedziałek, 2 listopada 2026 09:14\nDo: My\nTemat: x\n\nold",
        "Från: Mia Keller\nSkickat: den 2 november 2026 09:14\nTill: Oss\nÄmne: x\n\nold",
        "Fra: Mia Keller\nSendt: 2. november 2026 09:14\nTil: Os\nEmne: x\n\nold",
        "От: Mia Keller\nОтправлено: 2 ноября 2026 г. 9:14\nКому: Нам\nТема: x\n\nold",
        "差出人: Mia Keller\n送信日時: 2026年11月2日 9:14\n宛先: x\n件名: x\n\nold",
        "发件人: Mia Keller\n发送时间: 2026年11月2日 9:14\n收件人: x\n主题: x\n\nold",
        "---------- Forwarded message ---------\nFrom: Mia Keller <mia@example.org>\n\nold",
        "Begin forwarded message:\n\n> From: Mia\n> old",
        "---- On Mon, 02 Nov 2026 09:14:22 +0100 Mia Keller <mia@example.org> wrote ----\n\nold",
        "> old\n> old",
    ],
)
def test_what_programs_put_around_quoted_mail_is_removed(quotation):
    assert remove(f"New text.\n\n{quotation}") == "New text.\n"[:-1]


@pytest.mark.parametrize(
    "text",
    [
        "On the other hand, it is fine.",
        "He wrote: I will come.",
        "On Monday Bob wrote this:\n\nno, he did not.",
        "Am 3. Mai schrieb mir Ihr Kollege folgendes:\n\nEs kommt morgen.",
        "These are my times:\n10:30\n11:30",
        "From: the beginning\nit was broken.",
        "To: or not to: that is the question.",
        ">>> see www.example.org <<<",
        "https://example.org/on-2020-01-01-bob-wrote:",
        "Order 4711 of 2026-11-02 for mia@example.org",
        "2 > 1",
        "-----\nmarkdown\n-----",
        "Sent from my desk, it is easier to read.\n\nSo I read it.",
    ],
)
def test_what_people_write_is_kept(text):
    assert remove(text) == text


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("> question?\n\nAnswer.\n\n> other?\n\nNo.", "Answer.\n\n\nNo."),
        ("On 02/11/2026 09:14, Mia wrote:\n> old\n\nBelow.", "Below."),
        ("See you at 10:30\nOn 02/11/2026 09:14, Mia Keller wrote:\n> old", "See you at 10:30"),
        ("Yes. On Mon, Nov 2, 2026 at 9:14 AM, mia@example.org wrote:\n> old", "Yes."),
        ("New.\n\nSent from my iPhone\n\nHello Mia,\nold text", "New.\n\nSent from my iPhone"),
        (
            "> This quoted line was broken by a server on the way because it was rather\ntoo long for it\n> old\nNew.",
            "New.",
        ),
        ("> old\nyes\n> old", "yes"),
        ("", ""),
    ],
)
def test_the_new_text_between_quotations_is_kept(text, new):
    assert remove(text) == new


@given(st.text(alphabet="On wrote:>\n-_2026/11 a@b.FromSent\x01", max_size=300))
def test_any_text_is_read(text):
    assert len(remove(text)) <= len(text)
