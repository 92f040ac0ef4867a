from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from local.ses.cloudformation import handlers
from local.ses.errors import BadRequest, NotFound
from local.ses.operations import V2
from tests.unit.local.ses.conftest import call


def encoded(key, form=PrivateFormat.PKCS8):
    return b64encode(key.private_bytes(Encoding.DER, form, NoEncryption())).decode()


RSA = rsa.generate_private_key(public_exponent=65537, key_size=1024)
GOOD = {"DomainSigningSelector": "m1", "DomainSigningPrivateKey": encoded(RSA)}


def put(ses, origin="EXTERNAL", name="acme.test", **signing):
    parameters = {"EmailIdentity": name, "SigningAttributesOrigin": origin, "SigningAttributes": signing}
    return V2["PutEmailIdentityDkimSigningAttributes"](ses, call("PutEmailIdentityDkimSigningAttributes", **parameters))


def dkim(ses):
    found = V2["GetEmailIdentity"](ses, call("GetEmailIdentity", EmailIdentity="acme.test"))["DkimAttributes"]
    return found["SigningAttributesOrigin"], found["Tokens"], found["Status"]


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_a_domain_signs_with_a_key_that_is_brought_and_with_sess_own_again(ses, form):
    easy = dkim(ses)
    assert put(ses, **GOOD | {"DomainSigningPrivateKey": encoded(RSA, form)}) == {
        "DkimStatus": "SUCCESS",
        "DkimTokens": ["m1"],
    }
    assert dkim(ses) == ("EXTERNAL", ["m1"], "SUCCESS")
    put(ses, "AWS_SES")
    assert dkim(ses) == easy


@pytest.mark.parametrize(
    ("signing", "said"),
    [
        ({"DomainSigningSelector": "m1"}, "is no RSA key as DER in base64, or is missing"),
        (GOOD | {"DomainSigningPrivateKey": "-----BEGIN"}, "is no RSA key as DER in base64"),
        (GOOD | {"DomainSigningPrivateKey": b64encode(b"no key").decode()}, "is no RSA key as DER in base64"),
        (
            GOOD | {"DomainSigningPrivateKey": encoded(ec.generate_private_key(ec.SECP256R1()))},
            "must be an RSA key of 1024 to 2048 bits",
        ),
        ({"DomainSigningPrivateKey": encoded(RSA)}, "DomainSigningSelector is missing"),
    ],
)
def test_what_is_no_key_is_refused_and_nothing_changes(ses, signing, said):
    before = dkim(ses)
    with pytest.raises(BadRequest, match=said):
        put(ses, **signing)
    assert dkim(ses) == before


def test_only_a_domain_that_is_there_has_a_key(ses):
    with pytest.raises(NotFound):
        put(ses, name="other.test", **GOOD)
    V2["CreateEmailIdentity"](ses, call("CreateEmailIdentity", EmailIdentity="mia@example.org"))
    with pytest.raises(BadRequest, match="of domains"):
        put(ses, name="mia@example.org", **GOOD)


def test_a_deployment_leaves_a_key_that_was_brought_unless_the_template_asks_for_easy_dkim(ses):
    update = handlers(lambda: ses)["AWS::SES::EmailIdentity"]["update"]
    put(ses, **GOOD)
    update("acme.test", {}, {"EmailIdentity": "acme.test"}, "S")
    assert dkim(ses)[0] == "EXTERNAL"
    easy = {"DkimSigningAttributes": {"NextSigningKeyLength": "RSA_2048_BIT"}}
    update("acme.test", {}, {"EmailIdentity": "acme.test", **easy}, "S")
    assert dkim(ses)[0] == "AWS_SES"
