"""The words that mail programs put around a mail that they forward, beside those of phrases.py.

Seen in Gmail, Outlook (Windows, Mac, web), Apple Mail, Thunderbird, Yahoo, Samsung, Yandex, Mail.ru, QQ, NetEase, Zoho,
Notes and others, in English, German, French, Spanish, Italian, Portuguese, Dutch, Polish, Swedish, Danish, Russian,
Japanese, Chinese and the languages around them. A program takes them from its translation: nobody types them.
"""

# What stands between dashes, or before a colon, above what was forwarded.
MARKERS = (
    "e-mail transféré", "message transmis", "message envoyé en copie", "edelleenlähetetty viesti",
    "välitetty viesti alkaa", "anfang der weitergeleiteten e-mail", "anfang der weitergeleiteten mail",
    "weitergeleitete mail", "weitergeleitete e-mail", "début du message réexpédié", "début du message transféré",
    "début de message transféré", "inicio de mensaje reenviado", "mensaje reenviado", "mensagem reencaminhada",
    "início da mensagem encaminhada", "mensagem original encaminhada", "doorgestuurde e-mail",
    "begin van doorgestuurd bericht", "treść przekazanej wiadomości", "początek przekazywanej wiadomości",
    "wiadomość przesłana dalej", "początek przekazanej wiadomości", "vidarebefordrat mejl",
    "start på videresendt besked", "videresendt besked", "videresendt e-mail",
    "начало пересылаемого сообщения", "перенаправленное сообщение",
    "пересылаемое сообщение", "пересылаемое письмо", "пересланное письмо", "перенаправлене повідомлення",
    "переслане повідомлення", "メッセージを転送", "転送されたメール", "转发的消息", "转发邮件信息", "转发邮件",
    "开始转发的邮件", "被转发的邮件", "以下是转发的邮件", "轉寄的郵件", "轉寄的訊息", "轉寄訊息", "開始轉寄郵件",
    "以下是轉寄的郵件", "forwarded by", "weitergeleitet von", "transféré par", "reenviado por", "inoltrato da",
    "encaminhado por", "doorgestuurd door", "przesłane przez", "vidarebefordrat av", "videresendt af",
    "původní přeposlaná zpráva", "začátek přeposílané zprávy", "továbbított levél kezdete", "preposlaná správa",
    "začiatok preposlanej správy", "mesaj redirecționat", "începe mesajul redirecționat", "i̇letilmiş mesaj",
    "iletilen ileti", "ileti başlangıcı", "proslijeđena poruka", "початок листа, що пересилається",
)  # fmt: skip
# Under what was forwarded: Yandex, Mail.ru, KMail and old Thunderbirds.
ENDS = (
    "конец пересылаемого сообщения", "конец перенаправленного сообщения", "конец пересылаемого письма",
    "end of forwarded message", "end forwarded message", "ende der weitergeleiteten nachricht",
    "fin du message transféré", "fin del mensaje reenviado", "fine messaggio inoltrato", "fim da mensagem encaminhada",
    "einde doorgestuurd bericht", "koniec przekazywanej wiadomości",
)  # fmt: skip
# What subjects start with. In Finnish "VS" is an answer; an answer to us has our address in the copied header.
PREFIXES = (
    "fwd", "fw", "wg", "tr", "rv", "i", "enc", "doorst", "pd", "vb", "vs", "vl", "vidarebefordrat", "videresend",
    "videresendt", "redir.", "továbbítás", "ilt", "i̇lt", "пересл", "転送", "转发", "轉寄", "轉發", "전달",
)  # fmt: skip
FROM = (
    "отправитель", "mittente", "nadawca", "remitente", "remetente", "afzender", "avsändare", "afsender", "expéditeur",
    "absender", "від кого", "expeditorul", "de la", "送信者", "发送人", "发信人", "寄信人",
)  # fmt: skip
SENT = (
    "sent at", "date d'envoi", "fecha de envío", "data de envio", "envoyé à", "data wysłania", "日付け", "时间",
    "傳送日期", "寄件時間", "日期时间",
)  # fmt: skip
TO = (
    "destinataire", "destinatário", "destinatario", "ontvanger", "odbiorca", "adresat", "mottagare", "modtager",
    "получатель", "送信先", "送付先", "收信人", "empfänger", "bcc", "cci", "dw", "kopia do", "copia", "cópia",
)  # fmt: skip
SUBJECT = ("predmet", "naslov", "subiectul", "onderwerpregel", "標題", "标题")
# Lines of a copied header that say nothing of who wrote what.
OTHER = (
    "importance", "wichtigkeit", "priorité", "importancia", "importanza", "importância", "urgentie", "ważność",
    "prioritet", "prioritering", "важность", "重要度", "重要性", "priority", "attachments", "anlagen", "pièces jointes",
    "datos adjuntos", "allegati", "anexos", "bijlagen", "załączniki", "bifogade filer", "vedhæftede filer", "вложения",
    "添付ファイル", "附件", "organisation", "organization", "reply-to", "antwort an", "message-id", "list-id",
)  # fmt: skip
