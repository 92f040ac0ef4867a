"""The words that mail programs put around quoted mail, by language.

English, German, French, Spanish, Italian, Portuguese, Dutch, Polish, Swedish, Danish, Norwegian, Finnish, Czech,
Hungarian, Romanian, Turkish, Greek, Russian, Ukrainian, Vietnamese, Japanese, Chinese and Korean. Programs take them
from their translations, so they are few and fixed: what a person types is not looked for here.
"""

# "On <date>, <name> wrote:": the verb, in whatever order the language puts it.
WROTE = (
    "wrote", "writes", "schrieb", "geschrieben", "a écrit", "a ecrit", "écrit", "escribió", "escribio", "ha scritto",
    "scrive", "scritto", "escreveu", "schreef", "geschreven", "napisał", "napisała", "napisał(a)", "napisal", "pisze",
    "napisana", "skrev", "har skrevet", "kirjoitti", "napsal", "napsal(a)", "napísal", "írta", "a scris", "yazdı",
    "şunları yazdı", "şunu yazdı", "napisao", "έγραψε", "написал", "написала", "написал(а)", "пишет", "писал",
    "писал(а)", "писали", "написав", "пише", "đã viết", "sent",
)  # fmt: skip
# The same in languages that put no blanks around it.
WROTE_UNSPACED = ("のメッセージ", "書きました", "のメール", "写道", "寫道", "写到", "작성")

# The word that such a line starts with, where it is not the date or the name.
OPENERS = (
    "on", "am", "le", "el", "il", "em", "a", "op", "w dniu", "dnia", "den", "på", "dne", "ma", "pe", "la", "în",
    "en", "wiadomość", "dana", "στις", "в", "у", "vào", "lúc", "於", "在", "从", "בתאריך", "في", "pada",
)  # fmt: skip

# "Quoting <name>:", as Horde and SquirrelMail begin the line.
QUOTING = (
    "quoting", "zitat von", "zitiere", "citation de", "citando", "citando a", "citazione di", "citeren", "cytowanie",
    "cytat", "citerar", "citat", "цитирую", "цитирование",
)  # fmt: skip

# "-----Original Message-----", and how programs mark what was forwarded.
ORIGINAL = (
    "original message", "reply message", "original appointment", "ursprüngliche nachricht", "originalnachricht",
    "original-nachricht", "antwort nachricht", "ursprungliche nachricht", "message d'origine", "message d’origine",
    "message original", "mensaje original", "messaggio originale", "messaggio inoltrato", "mensagem original",
    "oorspronkelijk bericht", "origineel bericht", "oorspronkelijke bericht", "wiadomość oryginalna",
    "oryginalna wiadomość", "ursprungligt meddelande", "originalmeddelande", "oprindelig meddelelse",
    "oprindelig besked", "ursprüngliche mail", "message initial", "e-mail original", "opprinnelig melding",
    "alkuperäinen viesti", "původní zpráva",
    "původní e-mail", "eredeti üzenet", "mesaj original", "orijinal mesaj", "αρχικό μήνυμα",
    "исходное сообщение", "пересылаемое сообщение", "оригинальное сообщение", "thư gốc", "元のメッセージ", "原始邮件",
    "原始郵件", "原邮件", "원본 메시지", "original",
)  # fmt: skip
FORWARDED = (
    "forwarded message", "begin forwarded message", "weitergeleitete nachricht",
    "anfang der weitergeleiteten nachricht", "message transféré", "début du message transféré", "message réexpédié",
    "mensaje reenviado", "inicio del mensaje reenviado", "inizio messaggio inoltrato", "messaggio inoltrato",
    "mensagem encaminhada", "início da mensagem reencaminhada", "doorgestuurd bericht", "begin doorgestuurd bericht",
    "przekazana wiadomość", "wiadomość przekazana", "vidarebefordrat meddelande", "vidarebefordrat brev",
    "videresendt meddelelse", "videresendt melding", "välitetty viesti", "přeposlaná zpráva", "továbbított üzenet",
    "пересланное сообщение", "начало переадресованного сообщения", "переадресованное сообщение",
    "転送されたメッセージ", "転送メッセージ", "转发的邮件", "已转发邮件", "轉寄郵件", "전달된 메시지",
)  # fmt: skip

# The labels of the header that Outlook and others copy above quoted mail.
FROM = (
    "from", "von", "de", "da", "van", "od", "från", "fra", "lähettäjä", "odesílatel", "feladó", "kimden", "gönderen",
    "από", "от", "от кого", "від", "từ", "差出人", "送信元", "发件人", "寄件者", "寄件人", "보낸 사람",
)  # fmt: skip
SENT = (
    "sent", "date", "gesendet", "datum", "envoyé", "envoye", "enviado", "enviado el", "enviada em", "enviado em",
    "fecha", "data", "inviato", "verzonden", "verzonden op", "wysłano", "skickat", "sendt", "dato", "lähetetty",
    "päivämäärä", "odesláno", "küldve", "dátum", "trimis", "tarih", "gönderildi", "ημερομηνία", "στάλθηκε",
    "отправлено", "дата", "надіслано", "ngày", "đã gửi", "日付", "送信日時", "日時", "发送时间", "发送日期", "日期",
    "寄件日期", "傳送時間", "보낸 날짜", "날짜", "envoyé le", "message du",
)  # fmt: skip
TO = (
    "to", "an", "à", "a", "para", "per", "aan", "do", "till", "til", "vastaanottaja", "komu", "címzett", "către",
    "kime", "προς", "кому", "tới", "đến", "宛先", "收件人", "收件者", "받는 사람", "cc", "kopie", "kopia", "copie",
    "копия", "抄送", "副本", "reply-to", "copie à", "kopie an", "répondre à",
)  # fmt: skip
SUBJECT = (
    "subject", "betreff", "objet", "sujet", "asunto", "oggetto", "assunto", "onderwerp", "temat", "ämne", "emne",
    "aihe", "předmět", "tárgy", "subiect", "konu", "θέμα", "тема", "chủ đề", "件名", "主题", "主旨", "主題", "제목",
)  # fmt: skip

# What phones and apps add below the author's text.
SENT_FROM = (
    "sent from", "sent via", "sent with", "sent by", "sent using", "sent wirelessly", "get outlook for",
    "get bluemail for", "von meinem", "gesendet von", "gesendet mit", "gesendet über",
    "diese nachricht wurde von meinem", "holen sie sich outlook für", "outlook für", "envoyé de", "envoyé depuis",
    "envoyé à partir", "envoyé avec", "envoyé via", "envoyé par", "envoyé sans fil", "provenance :",
    "obtenir outlook pour", "télécharger outlook pour", "enviado desde", "enviado con", "enviado a través",
    "obtener outlook para", "inviato da", "inviato dal", "inviato con", "inviato tramite", "scarica outlook per",
    "enviado do", "enviado de", "enviada do", "enviado pelo", "enviado via", "obter o outlook para",
    "verzonden vanaf", "verzonden vanuit", "verzonden met", "verstuurd vanaf", "verstuurd met", "outlook voor",
    "wysłane z", "wysłano z", "pobierz outlook dla", "skickat från", "skickades från", "hämta outlook för",
    "sendt fra", "sendt med", "hent outlook til", "lähetetty", "odesláno z", "küldve", "trimis de pe", "gönderildi",
    "отправлено с", "отправлено из", "надіслано з", "iphoneから送信", "ipadから送信", "androidから送信", "から送信",
    "发自我的", "發自我的", "从我的", "来自我的", "나의", "được gửi từ",
)  # fmt: skip

# How people end a letter; the line says nothing else, a name may follow it.
CLOSINGS = (
    "best regards", "kind regards", "warm regards", "warmest regards", "with kind regards", "with best regards",
    "many regards", "regards", "best", "best wishes", "all the best", "cheers", "thanks", "thank you", "many thanks",
    "thanks again", "thanks and regards", "thanks & regards", "thx", "sincerely", "yours sincerely",
    "sincerely yours", "yours truly", "yours faithfully", "respectfully", "cordially", "take care", "rgds", "br",
    "kr", "thanks a lot", "thanks so much", "thank you very much", "thanks in advance", "thank you in advance",
    "mit freundlichen grüßen", "mit freundlichen grüssen", "mit freundlichem gruß", "freundliche grüße",
    "freundliche grüsse", "viele grüße", "viele grüsse", "liebe grüße", "beste grüße", "schöne grüße",
    "herzliche grüße", "mit besten grüßen", "gruß", "grüße", "mfg", "vg", "lg", "danke", "vielen dank",
    "danke und gruß", "cordialement", "bien cordialement", "très cordialement", "bien à vous", "salutations",
    "meilleures salutations", "sincères salutations", "salutations distinguées", "merci", "merci d'avance",
    "merci beaucoup", "saludos", "un saludo", "saludos cordiales", "cordiales saludos", "atentamente", "gracias",
    "muchas gracias", "un cordial saludo", "atte", "cordiali saluti", "distinti saluti", "saluti", "un saluto",
    "grazie", "grazie mille", "atenciosamente", "cumprimentos", "com os melhores cumprimentos",
    "melhores cumprimentos", "obrigado", "obrigada", "att", "abraços", "abs", "met vriendelijke groet",
    "met vriendelijke groeten", "vriendelijke groet", "vriendelijke groeten", "met hartelijke groet", "groeten",
    "groet", "groetjes", "hartelijke groeten", "mvg", "bedankt", "alvast bedankt", "pozdrawiam", "z poważaniem",
    "z wyrazami szacunku", "serdecznie pozdrawiam", "dziękuję", "pozdrowienia", "med vänlig hälsning",
    "med vänliga hälsningar", "vänliga hälsningar", "hälsningar", "mvh", "tack", "vänligen", "med venlig hilsen",
    "venlig hilsen", "de bedste hilsner", "hilsen", "kærlig hilsen", "kh", "vh", "bh", "dbh", "mange tak", "tak",
    "med vennlig hilsen", "vennlig hilsen", "takk", "ystävällisin terveisin", "terveisin", "s pozdravem", "děkuji",
    "üdvözlettel", "köszönettel", "cu stimă", "saygılarımla", "с уважением", "с наилучшими пожеланиями",
    "всего доброго", "спасибо", "з повагою", "よろしくお願いします", "よろしくお願いいたします",
    "宜しくお願い致します", "以上", "敬具", "此致", "祝好", "谢谢", "顺祝商祺", "trân trọng",
)  # fmt: skip
