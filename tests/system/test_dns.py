from tests.zone import AMAZON, serving


def test_a_zone_with_the_records_that_are_printed_has_all_that_is_wanted(mailroom, monkeypatch):
    told = mailroom("dns", "--json")
    assert {record["state"] for record in told["records"]} == {"not asked"}
    assert [record["purpose"] for record in told["records"]][:3] == ["dkim", "dkim", "dkim"]
    printed = mailroom("dns", "--zone=all")
    with serving(f"{AMAZON}\n{printed}") as zone:
        monkeypatch.setenv("MAILROOM_DNS", zone.address)
        found = mailroom("dns", "--json")
        assert {record["state"] for record in found["records"]} == {"present"}
        zone.replace(f"{AMAZON}\n{printed}\nbounce.acme.test MX 20 mx.acme.test")
        found = mailroom("dns", "--json", status=1)
        assert [record["id"] for record in found["records"] if record["state"] == "conflicting"] == ["MailFromMx"]
