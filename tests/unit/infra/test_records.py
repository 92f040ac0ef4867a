from infra.records import Record, wanted
from infra.settings import Settings

STAGE = {
    "region": "eu-west-1",
    "domain": "acme.test",
    "sender": "Acme <hello@acme.test>",
    "domains": {
        "news.acme.test": {
            "streams": ["marketing"],
            "sender": "news@news.acme.test",
            "mail_from": "returns",
            "dmarc": "reject",
        },
        "acme-help.example": {},
    },
    "mailboxes": [
        {"name": "Shop", "address": "shop@acme-help.example"},
        {"name": "Support", "address": "support@help.acme.test"},
        {"name": "Travel", "address": "travel@eu.acme-help.example"},
        {"name": "Billing", "address": "billing@acme.test"},
    ],
    "tracking": {"domain": "click.news.acme.test"},
}
KEYS = {
    "acme.test": [("k1._domainkey.acme.test", "CNAME", "k1.dkim.amazonses.com")],
    "news.acme.test": [("m7._domainkey.news.acme.test", "TXT", '"v=DKIM1; k=rsa; p=AAAA"')],
}
BOUNCES = "10 feedback-smtp.eu-west-1.amazonses.com"
RECEIVES = "10 inbound-smtp.eu-west-1.amazonaws.com"
SPF = '"v=spf1 include:amazonses.com ~all"'


def test_each_domain_wants_its_own_records_and_the_ids_of_the_first_have_no_prefix():
    found = list(wanted(Settings.read("test", STAGE), KEYS))
    assert found[0] == Record(
        id="Dkim1",
        domain="acme.test",
        name="k1._domainkey.acme.test",
        type="CNAME",
        value="k1.dkim.amazonses.com",
        purpose="dkim",
    )
    assert [(record.id, record.name, record.type, record.value, record.purpose) for record in found[1:]] == [
        ("MailFromMx", "bounce.acme.test", "MX", BOUNCES, "mail_from_mx"),
        ("MailFromSpf", "bounce.acme.test", "TXT", SPF, "mail_from_spf"),
        ("Dmarc", "_dmarc.acme.test", "TXT", '"v=DMARC1; p=none"', "dmarc"),
        ("InboundMx1", "help.acme.test", "MX", RECEIVES, "inbound_mx"),
        ("InboundMx2", "acme.test", "MX", RECEIVES, "inbound_mx"),
        (
            "newsDotacmeDottestDkim1",
            "m7._domainkey.news.acme.test",
            "TXT",
            '"v=DKIM1; k=rsa; p=AAAA"',
            "dkim",
        ),
        ("newsDotacmeDottestMailFromMx", "returns.news.acme.test", "MX", BOUNCES, "mail_from_mx"),
        ("newsDotacmeDottestMailFromSpf", "returns.news.acme.test", "TXT", SPF, "mail_from_spf"),
        ("newsDotacmeDottestDmarc", "_dmarc.news.acme.test", "TXT", '"v=DMARC1; p=reject"', "dmarc"),
        ("newsDotacmeDottestTracking", "click.news.acme.test", "CNAME", "r.eu-west-1.awstrack.me", "tracking"),
        ("acmeDashhelpDotexampleMailFromMx", "bounce.acme-help.example", "MX", BOUNCES, "mail_from_mx"),
        ("acmeDashhelpDotexampleMailFromSpf", "bounce.acme-help.example", "TXT", SPF, "mail_from_spf"),
        ("acmeDashhelpDotexampleDmarc", "_dmarc.acme-help.example", "TXT", '"v=DMARC1; p=none"', "dmarc"),
        ("acmeDashhelpDotexampleInboundMx1", "acme-help.example", "MX", RECEIVES, "inbound_mx"),
        ("acmeDashhelpDotexampleInboundMx2", "eu.acme-help.example", "MX", RECEIVES, "inbound_mx"),
    ]
    assert {record.domain for record in found} == {"acme.test", "news.acme.test", "acme-help.example"}


def test_a_trial_with_one_address_wants_no_records():
    trial = Settings.read("test", {"region": "eu-west-1", "address": "me@acme.test", "sender": "me@acme.test"})
    assert list(wanted(trial, {})) == []
