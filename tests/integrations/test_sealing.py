from __future__ import annotations

import pytest

from integrations.sealing import SealBrokenError, is_newest, seal, unseal


def test_what_is_sealed_is_read_with_our_key_only(settings):
    sealed = seal("ada-secret: ä")
    assert unseal(sealed) == "ada-secret: ä"
    assert b"ada-secret" not in sealed
    settings.SEALING_SECRETS = ["another"]
    with pytest.raises(SealBrokenError):
        unseal(sealed)


def test_the_same_text_is_never_sealed_alike():
    assert seal("secret") != seal("secret")


def test_a_changed_seal_is_broken():
    sealed = bytearray(seal("secret"))
    sealed[-5] ^= 1
    with pytest.raises(SealBrokenError):
        unseal(bytes(sealed))


def test_a_new_secret_is_put_in_front_and_the_old_one_still_opens(settings):
    settings.SEALING_SECRETS = ["old"]
    sealed = seal("secret")
    settings.SEALING_SECRETS = ["new", "old"]
    assert (unseal(memoryview(sealed)), is_newest(sealed), is_newest(seal("secret"))) == (
        "secret",
        False,
        True,
    )


def test_without_secrets_of_its_own_it_is_the_sites(settings):
    settings.SEALING_SECRETS = []
    sealed = seal("secret")
    settings.SECRET_KEY = "another-one"
    with pytest.raises(SealBrokenError):
        unseal(sealed)
