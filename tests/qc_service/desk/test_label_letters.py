"""The words on a label: as large as they fit, and of a name nothing is left out."""

import pytest

from qc_service.desk import code_labels, label_letters
from qc_service.desk.chart_lettering import text_width
from qc_service.desk.code_labels import FORMS


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("name", ["W" * 64, "x" * 64, "漢" * 64, "LOT 2026-11 a"])
def test_every_letter_of_the_longest_name_is_on_the_label(form, name):
    room = form.width - 2 * form.edge - form.code - 0.5
    size, rows = label_letters.fitted_name(name, room, form.height * code_labels.NAME_SHARE, form.letters)

    assert "".join(rows).replace(" ", "") == name.replace(" ", "")
    assert all(text_width(row, size, bold=True) <= room for row in rows)
    assert len(rows) * size * label_letters.GAP <= form.height * code_labels.NAME_SHARE


def test_a_short_name_is_as_large_as_letters_get():
    assert label_letters.fitted_name("A-7", 30, 20, (6.0, 5.0))[0] == 6.0
    assert label_letters.size_of("", 7.0, 93.0) == 7.0


@pytest.mark.parametrize("name", ["Wave solder", "Juice cans B (pretended fix)", "Simulated packing (not real data)"])
def test_a_name_of_several_words_is_broken_between_them(name):
    form = FORMS["sheet"]
    room = form.width - 2 * form.edge - form.code - 0.5
    _, rows = label_letters.fitted_name(name, room, form.height * code_labels.NAME_SHARE, form.letters)

    assert " ".join(rows) == name
