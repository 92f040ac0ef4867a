import pytest

from lambdas.shared.smtp_password import smtp_credentials, smtp_password

SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"  # the one of AWS's own examples


@pytest.mark.parametrize(
    ("region", "password"),
    [
        ("us-east-1", "BLBM/9hSUELfq8Gw+rU1YcBjkOxGbhT2XG763xVLGWL9"),
        ("us-west-2", "BF2PynzbSCAjX08zhZZnP/kW+T9P5zs/1Er0pi5vTEmd"),
        ("eu-west-1", "BMW5RDrXmmVs0lV7GpI4oLkHXpZ4stDsk6q91z1g38Pk"),
        ("eu-central-1", "BF0/eIJm0ruTHsSjOkRuOGzGF+zeSyE3aiRzrzUQ8LwG"),
    ],
)
def test_a_password_is_of_a_secret_and_a_region(region, password):
    assert smtp_password(SECRET, region) == password


def test_credentials_name_the_regions_own_endpoint():
    assert smtp_credentials("AKIAIOSFODNN7EXAMPLE", SECRET, "eu-west-1") == {
        "username": "AKIAIOSFODNN7EXAMPLE",
        "password": "BMW5RDrXmmVs0lV7GpI4oLkHXpZ4stDsk6q91z1g38Pk",
        "host": "email-smtp.eu-west-1.amazonaws.com",
        "port": 587,
        "tls_port": 465,
    }
