"""Where reading stops. Past a limit a mail is cut and `Mail.reasons` says so; only BYTES refuses the mail.

SES accepts 40 MB and 500 MIME parts (receiving quotas in the SES developer guide); the rest keeps time linear in the
size of the mail and memory within three times of it.
"""

BYTES = 40 * 1024 * 1024  # a mail; more is Unreadable
PARTS = 500  # MIME parts; the ones after are not read
DEPTH = 100  # nested multiparts; a deeper one is kept whole, as an attachment
FIELDS = 1000  # header fields of one part; the ones after are not read
HEADER = 1_000_000  # bytes of one header; the fields after are not read
HEADERS = 5_000_000  # bytes of the headers of all parts; the parts after are not read
FIELD = 65_536  # bytes of one header field; the rest is dropped
REPEATED = 20  # fields of one name that are read; RFC 5322 section 3.6 allows one
ADDRESSES = 2000  # addresses of one header field
TEXT = 5_000_000  # bytes of all that is shown as plain text, and of all HTML; the rest is not read
FLOWED = 1_000_000  # characters in which format=flowed is undone
HTML = 1_000_000  # characters of HTML turned into text, and of that text: a line break in quotations makes many of one
HTML_DEPTH = 256  # nested elements; parsing takes the square of the depth (browsers stop at 512)
HTML_NODES = 500_000  # elements that a page may grow to: HTML5 opens every unclosed <font> again in every paragraph
QUOTES = 200_000  # characters of text searched for quotes and signatures
REPORT = 200_000  # characters of a bounce's text searched for recipients
PIECES = 1_000_000  # separately padded pieces of a base64 body
ENCLOSED = 1_000_000  # bytes of a mail within a notice, searched for a report: it stands before what it returns
BOUNCES = 1000  # failed recipients of one bounce
