"""The one spelling of a JSON value: whatever way is taken to it, it is the one of RFC 8785."""

import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from qc_service.canonical import canonical

# a letter of each kind that is ordered or escaped in its own way: RFC 8785 sorts by UTF-16 units, Python by code points
LETTERS = st.sampled_from('ab:Z09 "\\/\n\t\r\b\f\0\x1f\x7f\x80éž中\u2028\ue000\ufb33\uffff😀')
TEXTS = st.text(LETTERS, max_size=6) | st.text(max_size=4)
NUMBERS = st.integers() | st.integers(-(2**54), 2**54) | st.floats() | st.sampled_from([0.0, -0.0, 1.0, 1e21, 5e-324])
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


def spelt(write, value):
    """What it comes to, or that it has no canonical form."""
    try:
        return write(value)
    except (ValueError, RecursionError):
        return "refused"


@given(VALUES)
@example({"\ufb33": 1, "😀": 2})
@example({"units": 2**53})
@example({"units": -(2**53)})
@example([1.0, 10**15, 999_999_999_999_999])
@example({"text": "\ud800"})
@example({"1e5": "1.5", "n": 3})
def test_it_is_the_spelling_of_rfc_8785(value):
    assert spelt(canonical, value) == spelt(rfc8785.dumps, value)
