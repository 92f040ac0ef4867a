"""Where reading stops. Past a limit a mail is cut and `Mail.reasons` says so; only BYTES refuses the mail.

SES accepts 40 MB and 500 MIME parts (receiving quotas in the SES developer guide); the rest keeps time linear in the
size of the mail and memory within three times of it.
"""

BYTES = 40 * 1024 * 1024  # a mail; more is Unreadable
PARTS = 500  # MIME parts; the ones after are not read
DEPTH = 100  # nested multiparts; a deeper one is kept whole, as an attachment
FIELDS = 1000  # header fields of one part; the ones after are not read
FIELD = 65_536  # bytes of one header field; the rest is dropped
REPEATED = 20  # fields of one name that are read; RFC 5322 section 3.6 allows one
ADDRESSES = 2000  # addresses of one header field
HTML = 2_000_000  # characters of HTML turned into text
QUOTES = 500_000  # characters of text searched for quotes and signatures
REPORT = 200_000  # characters of a bounce's text searched for recipients
BOUNCES = 1000  # failed recipients of one bounce
