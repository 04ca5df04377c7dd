"""The difference of two documents: found, applied, kept as JSON, weighed, and told in words.

Gathers what the `diff_…` modules have; each says more.
"""

from sops.diff_changes import Change, apply, difference, from_json, to_json
from sops.diff_class import ChangeClass, changed_checks, class_of, classify, type_conflicts
from sops.diff_rows import Row, TranslationChange, side_by_side, translation_changes
from sops.diff_words import Line, in_words

__all__ = [
    "Change",
    "ChangeClass",
    "Line",
    "Row",
    "TranslationChange",
    "apply",
    "changed_checks",
    "class_of",
    "classify",
    "difference",
    "from_json",
    "in_words",
    "side_by_side",
    "to_json",
    "translation_changes",
    "type_conflicts",
]
