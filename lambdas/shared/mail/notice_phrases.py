"""The words of mail servers that say in plain text that a mail was not delivered, and of programs that answer alone.

They are the fixed texts of the servers' templates (Postfix, Sendmail, Exim, qmail, Exchange, Domino, Gmail, ...) and
their translations.
"""

# In the subject, or what the subject starts with.
SUBJECTS = (
    "undeliver", "non-delivery", "nondelivery", "not delivered", "could not be delivered", "couldn't be delivered",
    "delivery failure", "delivery failed", "delivery has failed", "failure delivery", "delivery problem",
    "delivery error", "delivery status notification", "delivery notification", "delivery report", "delivery delayed",
    "delivery warning", "delivery failure notification", "failed delivery", "failed mail", "failure notice",
    "mail failure", "mail failed", "mail error", "message error", "mail delivery", "mail system error",
    "returned mail", "returned to sender", "return to sender", "returned message", "returning message",
    "delayed mail", "message delayed", "message delivery failure", "has not yet been delivered", "not yet delivered",
    "still being retried", "delivery unsuccessful", "error sending your mail", "smtp server: errors from",
    "user unknown", "address rejected", "rejected mail", "message rejected", "nachricht nicht zugestellt",
    "nicht zustellbar", "unzustellbar", "zustellung fehlgeschlagen", "konnte nicht zugestellt werden", "non remis",
    "non délivré", "non distribué", "échec de remise", "échec de la remise", "échec de distribution",
    "retour à l'expéditeur", "no se puede entregar", "no entregado", "no se pudo entregar", "error de entrega",
    "entrega fallida", "mancato recapito", "recapito non riuscito", "non recapitabile", "consegna fallita",
    "não entregue", "não é possível entregar", "falha na entrega", "falha de entrega", "onbestelbaar", "niet bezorgd",
    "kan niet worden bezorgd", "niedostarczon", "nie dostarczono", "nie można dostarczyć", "kan inte levereras",
    "olevererbart", "ej levererat", "kunne ikke leveres", "ikke leveret", "kan ikke leveres", "не доставлено",
    "недоставлен", "не удалось доставить", "не может быть доставлено", "配信できません", "配信エラー", "配信不能",
    "配達不能", "送信エラー", "送信できません", "エラーメール", "メールエラー", "エラー通知", "退信", "投递失败",
    "无法送达", "無法傳遞", "未传递", "系统退信", "傳送失敗", "传输失败", "error sending message",
    "message you sent blocked", "mensaje devuelto", "correo devuelto", "mensaje no entregado", "error en la entrega",
    "echec de remise", "echec de la remise", "echec de distribution", "recapito fallito", "mancata consegna",
    "não foi entregue", "mensagem devolvida", "fehler bei der zustellung", "fehler bei der nachrichtenzustellung",
    "rückgabe an absender", "rueckgabe an absender", "konnte nicht ausgeliefert", "niet-bezorgd", "niet afgeleverd",
    "bezorging mislukt", "zwrot wiadomości", "zwrot poczty", "zwrot listu", "zwrot:", "niedoręczon",
    "går inte att leverera", "kunde inte levereras", "toimitus epäonnistui", "ei voitu toimittaa", "nedoručiteln",
    "nedoručen", "kézbesíthetetlen", "teslim edilemedi", "сбой доставки", "не может быть доставлен", "送信失敗",
    "配信失敗", "不達", "届きませんでした", "邮件退回", "退件", "無法投遞", "未送达", "배달되지", "반송",
)  # fmt: skip

# In the notice.
FAILED = (
    "could not be delivered", "couldn't be delivered", "can't be delivered", "cannot be delivered",
    "could not be sent", "unable to deliver", "wasn't able to deliver", "was not able to deliver",
    "was unable to deliver", "not delivered", "was not delivered", "could not deliver", "couldn't deliver",
    "cannot deliver", "can not be delivered", "did not reach", "did not receive", "not be delivered",
    "failed to deliver", "delivery failed", "delivery failure", "delivery has failed", "delivery to the following",
    "delivering the message", "deliver your message", "non-delivery", "undeliverable", "undelivered",
    "permanent fatal error", "permanent error", "permanent failure", "failed permanently", "failed recipient",
    "failed address", "address failed", "addresses failed", "address(es) failed", "following recipients failed",
    "following address", "unknown user", "user unknown", "no such user", "user not known", "user is unknown",
    "unknown recipient", "recipient unknown", "unknown address", "recipient rejected", "rejected by",
    "address rejected", "invalid recipient", "invalid final delivery", "unknown host", "host unknown",
    "host not found", "not listed in domino", "mailbox unavailable", "mailbox full", "mailbox is full",
    "quota exceeded", "over quota", "no mailbox here", "no such mailbox", "account is disabled", "doesn't have a",
    "does not exist", "too many hops", "has been returned", "mail has been returned", "returned to you",
    "returned because", "returned below", "encountered an error", "transcript of session", "did not exactly match",
    "no valid recipients", "the error that the other server returned", "message was rejected", "was rejected",
    "delivery report unavailable", "não pôde ser entregue", "não foi possível entregar", "no se pudo entregar",
    "no ha podido ser entregado", "no se ha podido entregar", "no pudo ser entregado", "nicht zugestellt",
    "nicht ausgeliefert", "n'a pas pu être", "n'a pu être", "n'ont pas pu être", "impossible de remettre",
    "impossibile recapitare", "non è stato possibile", "non e' stato possibile", "kon niet worden", "kan niet worden",
    "niet worden bezorgd", "nie mogła zostać dostarczona", "nie można dostarczyć", "nie mogła być dostarczona",
    "kunde inte levereras", "kan inte levereras", "kunne ikke leveres", "не удалось доставить",
    "не может быть доставлено", "не было доставлено", "не доставлено", "недоставлен", "配信できません",
    "配達できません", "送信できません", "お届けできません", "届けられません", "見つかりません", "存在しない",
    "エラーのため", "无法投递", "无法送达", "不能投递", "无法发送", "退回", "無法傳遞", "未能送达",
    "has not been delivered", "was blocked", "error sending message", "no ha sido entregado", "no fue entregado",
    "no se ha entregado", "error de entrega", "non è stato recapitato", "recapito non riuscito", "non recapitabile",
    "impossibile consegnare", "não foi entregue", "falha na entrega", "não pode ser entregue", "n'a pas pu etre",
    "n'a pas été distribué", "n'a pas été remis", "n'a pas été délivré", "échec de la remise", "adresse inconnue",
    "destinataire inconnu", "konnte nicht an", "nicht zustellbar", "unzustellbar", "fehler bei der zustellung",
    "fehler bei der nachrichtenzustellung", "zustellung fehlgeschlagen", "nicht erreicht", "niet bezorgd",
    "niet afgeleverd", "worden afgeleverd", "nie została dostarczona", "nie dostarczono", "nie mogl byc dostarczony",
    "nie mógł być dostarczony", "har inte levererats", "gick inte att leverera", "inte kunnat levereras",
    "blev ikke leveret", "ikke kunnet leveres", "levering mislykkedes", "mislykket levering",
    "не удалось выполнить доставку", "не может быть отправлено", "невозможно доставить", "сбой доставки",
    "пользователь не найден", "не была доставлена", "配信に失敗", "送信に失敗", "届きませんでした",
    "配信されませんでした", "宛先不明", "配送できません", "没有送达", "未送达", "投递失败", "被退", "退信原因",
    "無法投遞", "傳送失敗", "无法将", "未能传递", "배달되지", "전송 실패", "no account by that name",
    "no such recipient", "unrouteable address", "user not found", "recipient not found", "not our customer",
)  # fmt: skip

# What no person says.
MACHINE = (
    "non-delivery report", "delivery status notification", "delivery failure notification", "created automatically",
    "automatically generated", "automatically created", "generated automatically", "mail system at host",
    "mail delivery software", "this is an automated", "automatically rejected", "failed recipients ---",
    "postfix program", "qmail-send program", "mta program", "mail delivery agent", "automatisch erstellt",
    "automatisch erzeugt", "automatisch generiert", "généré automatiquement", "generado automáticamente",
    "generato automaticamente", "gerada automaticamente", "automatisch gegenereerd", "wygenerowana automatycznie",
    "автоматически", "自動的に", "自动生成", "自動產生", "系统自动", "system administrator", "smtp error code",
    "delivery attempts will continue", "james mail server", "xmail bounce", "dragonfly mail agent",
    "this is the mailer-daemon", "diagnostic information for administrators",
    "diagnoseinformationen für administratoren", "informations de diagnostic pour les administrateurs",
    "información de diagnóstico para los administradores", "informazioni di diagnostica per gli amministratori",
    "informações de diagnóstico para administradores", "diagnostische gegevens voor beheerders",
    "diagnostische informatie voor beheerders", "informacje diagnostyczne dla administratorów",
    "diagnostikinformation för administratörer", "diagnosticeringsoplysninger til administratorer",
    "diagnostiske oplysninger til administratorer", "диагностические сведения для администраторов",
    "сведения для диагностики", "管理者向けの診断情報", "管理员的诊断信息", "系統管理員的診斷資訊",
    "postfix-programm", "programme qmail-send", "programa qmail-send", "programma qmail-send", "qmail-send programm",
)  # fmt: skip

# The mail may still arrive: the server goes on trying.
DELAYED = (
    "has been delayed", "is delayed", "message delayed", "delivery delayed", "been delayed", "not yet been delivered",
    "has not been delivered yet", "not yet delivered", "warning message only", "will be retried", "will keep trying",
    "will continue to try", "still trying", "will continue for", "continue to be attempted", "continue to attempt",
    "delivery status notification (delay)", "delivery attempts will continue", "no action is required on your part",
    "noch nicht zugestellt", "n'a pas encore", "aún no se ha", "ainda não foi", "non è ancora stato", "nog niet",
    "ещё не доставлено", "еще не доставлено", "遅延", "will retry for", "temporary problem delivering",
    "delivery incomplete", "temporarily deferred", "verzögert", "zustellung verzögert", "wird weiterhin versucht",
    "retardé", "remise différée", "retrasad", "se ha retrasado", "in ritardo", "recapito ritardato", "atrasad",
    "vertraagd", "opóźnion", "fördröj", "forsinke", "задерж", "отложен", "延迟", "延遲", "配信が遅れて",
    "遅れています",
)  # fmt: skip
FINAL = (
    "permanent", "fatal error", "given up", "giving up", "will not be retried", "endgültig", "définitive",
)  # fmt: skip

# The first line of what the notice returns.
RETURNED = (
    "original message", "original-message", "returned mail", "returned message", "copy of the message",
    "copy of your message", "copy of the first part", "below this line is a copy", "enclosed is a copy",
    "header of the original", "header of the source mail", "headers of the original", "message header follows",
    "message headers follow", "message headers", "message text follows", "unsent message", "undelivered message",
    "included is a copy", "start of returned", "your message follows", "original mail", "text of your message",
    "rejected message", "message follows", "kopie der nachricht", "ursprüngliche nachricht", "message d'origine",
    "mensaje original", "messaggio originale", "mensagem original", "oorspronkelijk bericht", "исходное сообщение",
    "original message headers", "returned content", "message body suppressed", "partial message",
    "nachrichtenkopfzeilen", "ursprüngliche nachrichtenkopfzeilen", "en-têtes de message d'origine",
    "encabezados de mensajes originales", "encabezados del mensaje original", "intestazioni originali del messaggio",
    "cabeçalhos de mensagem originais", "oorspronkelijke berichtkoppen", "oryginalne nagłówki wiadomości",
    "ursprungliga brevhuvuden", "ursprungliga meddelanderubriker", "oprindelige brevhoveder",
    "исходные заголовки сообщения", "元のメッセージのヘッダー", "原始邮件头", "原始邮件标头", "原始郵件標頭",
    "debajo de esta linea", "debajo de esta línea", "ci-dessous se trouve une copie", "unterhalb dieser zeile",
    "kopia listu",
)  # fmt: skip

# Before an address that is not the failed one.
OTHERS = (
    "contact", "postmaster", "assistance", "support", "abuse", "administrator", "help", "from:", "mail from",
    "sender", "envelope-from", "reply-to", "return-path", "message-id", "questions", "on behalf of", "forwarded by",
    "write to", "kontakt", "wenden", "contactez", "contacte", "contatt", "連絡",
)  # fmt: skip

# How a subject starts that a mail program wrote when it answered alone.
AUTOMATIC = (
    "automatic reply", "auto reply", "autoreply", "auto-reply", "auto response", "autoresponse", "auto-response",
    "automated reply", "automated response", "out of office", "out of the office", "out-of-office", "vacation reply",
    "vacation", "away from", "abwesenheitsnotiz", "automatische antwort", "abwesend", "abwesenheit",
    "réponse automatique", "absence du bureau", "message d'absence", "absent(e)", "respuesta automática",
    "respuesta automatica", "fuera de la oficina", "risposta automatica", "fuori sede", "resposta automática",
    "ausência", "automatisch antwoord", "afwezig", "niet op kantoor", "odpowiedź automatyczna",
    "automatyczna odpowiedź", "autosvar", "automatiskt svar", "automatisk svar", "frånvaro", "ikke på kontoret",
    "автоответ", "автоматический ответ", "自動応答", "自動返信", "不在通知", "自动答复", "自动回复", "自動回覆",
    "자동 회신", "out of office autoreply", "out of office reply", "fuori ufficio", "assente dall'ufficio",
    "ausência temporária", "fora do escritório", "afwezigheidsbericht", "autoodpowiedź", "poza biurem",
    "nieobecność", "frånvaromeddelande", "fraværsmeddelelse", "fraværsmelding", "нет на месте",
    "自動返答", "不在のお知らせ", "自动应答", "外出自动回复",
)  # fmt: skip
