"""Fingerprints as people compare them."""

from hypothesis import given
from hypothesis import strategies as st

from qc_service.tls.fingerprint import full, words


def test_the_words_are_those_that_were_published_for_these_numbers():
    """The examples of the proposal: 127.0.0.1, 63.84.220.193 and 63.118.7.35."""
    assert words(bytes([127, 0, 0, 1, 63, 84, 220, 193, 63, 118, 7, 35])) == "lusab-babad-gutih-tugad-gutuk-bisog"


@given(st.binary(min_size=12, max_size=12), st.binary(min_size=12, max_size=12))
def test_two_digests_that_differ_have_other_words(one, other):
    assert (words(one) == words(other)) == (one == other)


def test_in_full_it_is_written_as_devices_write_it():
    assert full(bytes([10, 27, 255])) == "0A 1B FF"
