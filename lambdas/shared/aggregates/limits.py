"""Where reading a report stops, with its reason; the mail stays in the bucket.

Reports of the largest receivers have some thousand records of 600 bytes, and pack to a thirtieth. RFC 7489 (section
6.2, 7.2.1.1) leaves it to the domain's owner how large they may be.
"""

PACKED = 5_000_000  # bytes of one attachment
UNPACKED = 20_000_000  # bytes of all reports of a mail, unpacked
RATIO = 200  # unpacked to packed; honest reports have 50 at most, deflate can do 1032
SMALL = 100_000  # bytes that are unpacked whatever the ratio
DOCUMENTS = 10  # of one mail: attachments that may be reports, and the files in them
JSON = 5_000_000  # bytes: a list of nothing takes thirty times its size as values
ELEMENTS = 500_000  # of one report
DEPTH = 20  # of nested elements; the schema has 5
TOKEN = 65_536  # bytes of one tag, comment or the like
TEXT = 1_000  # characters kept of one value
RESULTS = 10  # kept of one record: signatures, SPF results, overrides
POLICIES = 50  # of one TLS report
FAILURES = 500  # kept of one TLS policy
COUNT = 10**9  # mails of one row, at most
