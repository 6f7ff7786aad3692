import boto3
import pytest

from local.stack.kms_moto import KEY_ID, kms

CONTEXT = {"account": "a", "connection": "b"}


@pytest.mark.parametrize("region", ["eu-central-1", "local"])
def test_it_encrypts_in_every_region_that_somebody_may_have_set(region: str) -> None:
    with kms(region) as endpoint:
        client = boto3.Session("a", "b", region_name=region).client("kms", endpoint_url=endpoint)
        encrypted = client.encrypt(KeyId=KEY_ID, Plaintext=b"secret", EncryptionContext=CONTEXT)["CiphertextBlob"]
        assert client.decrypt(CiphertextBlob=encrypted, EncryptionContext=CONTEXT)["Plaintext"] == b"secret"
        with pytest.raises(client.exceptions.InvalidCiphertextException):
            client.decrypt(CiphertextBlob=encrypted, EncryptionContext=CONTEXT | {"connection": "c"})
        client.close()
    assert b"secret" not in encrypted
