"""What codes say, by the table that the tablet is held to as well; and what is printed reads as what it names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qc_service import codes
from qc_service.people import tokens
from qc_service.schemas import CODE
from tests.codes import EXAMPLES, HOST

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=64).filter(codes.NAME.fullmatch)


@pytest.mark.parametrize(("text", "said"), EXAMPLES, ids=lambda one: repr(one)[:60])
def test_each_example_is_read_so(text, said):
    assert codes.read(text).told() == said


def test_the_token_of_a_tablet_is_known_as_one():
    _, token = tokens.mint("qcd")

    assert codes.read(token) == codes.Said("tablet", token=token)


@given(NAMES, NAMES, NAMES)
def test_what_is_printed_reads_as_what_it_names(site, lot, unit):
    read = codes.read(HOST + codes.path_of("unit", site, lot, unit))

    if read.why != "long":
        assert read == codes.Said("unit", site=site, lot=lot, unit=unit)


@given(st.text(max_size=200))
def test_whatever_is_read_is_told_and_every_name_in_it_is_one_that_a_record_may_have(text):
    said = codes.read(text).told()

    for name in ("site", "lot", "unit", "line", "badge", "code"):
        if name in said:
            assert CODE.regex.fullmatch(said[name])
