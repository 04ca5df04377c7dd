"""A certificate's fingerprint as two people compare it: as words that everybody can read out, and in full.

The words are proquints (D. S. Wilkerson, arXiv:0901.4016): sixteen bits each, spoken alike in every language, so that
they need no list of words and no translation.
"""

_CONSONANTS = "bdfghjklmnprstvz"
_VOWELS = "aiou"
WORDS = 6  # 96 bits: nobody makes a second certificate that has the same ones


def words(digest: bytes) -> str:
    """The first bits of a digest: `lusab-babad-…`."""
    pairs = (int.from_bytes(digest[at : at + 2], "big") for at in range(0, 2 * WORDS, 2))
    return "-".join(map(_word, pairs))


def _word(bits: int) -> str:
    return (
        _CONSONANTS[bits >> 12 & 15] + _VOWELS[bits >> 10 & 3] + _CONSONANTS[bits >> 6 & 15]
        + _VOWELS[bits >> 4 & 3] + _CONSONANTS[bits & 15]
    )  # fmt: skip


def full(digest: bytes) -> str:
    """Every byte, as devices show it: `0A 1B …`."""
    return digest.hex(" ").upper()
