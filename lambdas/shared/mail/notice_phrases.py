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
    "entrega fallida", "devuelto", "mancato recapito", "recapito non riuscito", "non recapitabile",
    "consegna fallita", "não entregue", "não é possível entregar", "falha na entrega", "falha de entrega",
    "onbestelbaar", "niet bezorgd", "kan niet worden bezorgd", "niedostarczon", "nie dostarczono",
    "nie można dostarczyć", "zwrot", "kan inte levereras", "olevererbart", "ej levererat", "kunne ikke leveres",
    "ikke leveret", "kan ikke leveres", "не доставлено", "недоставлен", "не удалось доставить",
    "не может быть доставлено", "配信できません", "配信エラー", "配信不能", "配達不能", "送信エラー",
    "送信できません", "エラーメール", "メールエラー", "エラー通知", "退信", "投递失败", "无法送达", "無法傳遞",
    "未传递", "系统退信", "傳送失敗", "传输失败",
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
    "delivery attempts will continue",
)  # fmt: skip

# The mail may still arrive: the server goes on trying.
DELAYED = (
    "has been delayed", "is delayed", "message delayed", "delivery delayed", "been delayed", "not yet been delivered",
    "has not been delivered yet", "not yet delivered", "warning message only", "will be retried", "will keep trying",
    "will continue to try", "still trying", "will continue for", "continue to be attempted", "continue to attempt",
    "delivery status notification (delay)", "delivery attempts will continue", "no action is required on your part",
    "noch nicht zugestellt", "n'a pas encore", "aún no se ha", "ainda não foi", "non è ancora stato", "nog niet",
    "ещё не доставлено", "еще не доставлено", "遅延",
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
    "자동 회신",
)  # fmt: skip
