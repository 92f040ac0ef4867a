"""Mails that went out, as tests wait for them."""

from local.outside import until


def sent_to(outside, address, number=1):
    return until(lambda: outside.mail_to(address)[number - 1 :], f"mail {number} to {address}")[0]
