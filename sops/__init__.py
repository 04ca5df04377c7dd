"""The language of procedures: what one is, what is checked and how, in which words, and what became of it over time.

A library of its own, with no framework and no database: it needs marshmallow and PyYAML, `workbook` openpyxl besides.
Every function takes plain values, and the time as an argument.

- `document`: a procedure in its normal form, its canonical bytes and digest; `steps` has the kinds of steps and checks.
- `files`, `workbook`: procedures as YAML and as spreadsheets, with errors that name the line or the cell.
- `checklist`: judging answers, screens, and the checklist on plain paper; `sampling`: which units are looked at.
- `translations`, `exchange`: texts in six languages, each with the state it is in.
- `diff`: what changed between two documents, what class of change it is, and in words.
- `versions`, `qualification`: the life of a version, what is in force where and when, and who may work by it.
- `errors`: everything that is refused, with codes for programs and sentences for people.
"""
