"""What a person types into the translators' pages."""

import re

from tests.procedure_life import document
from tests.reader import readable

ONE = "/procedures/CAN/versions/1/translate/da"
DANISH = {
    "title": "Fyld og luk en dåse",
    "purpose": "Hver dåse forlader linjen tæt og fuld.",
    "steps.seal.text": "Læg låget på, og fals det hele vejen rundt.",
    "checks.tight.text": "Lukket hele vejen rundt?",
    "checks.weight.text": "Fyldevægt",
}


def many(size):
    """A procedure of so many texts: two of its head, and its steps."""
    made = document(steps=[{"id": f"s{place}", "text": f"Step {place} of the work."} for place in range(size - 2)])
    del made["checks"]
    return made


def form(page):
    """What the page's form would send as it stands."""
    html = page.answer.text
    found = dict(re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"', html))
    found |= dict(re.findall(r'<textarea id="[\w-]+" name="([\w-]+)"[^>]*>\n?(.*?)</textarea>', html, re.DOTALL))
    ticked = re.findall(r'<input type="checkbox" id="[\w-]+" name="([\w-]+)" value="1" checked', html)
    found |= dict.fromkeys(ticked, "1")
    return {name: readable(value) for name, value in found.items() if name != "csrf"}


def number_of(page, path):
    return re.search(rf'name="path-(\d+)" value="{re.escape(path)}"', page.answer.text)[1]


def write(page, words, **more):
    """Type texts by their paths into the page that is open, and save it."""
    sent = form(page)
    for path, text in words.items():
        sent[f"text-{number_of(page, path)}"] = text
    return page.post(ONE, **{**sent, **more})


def translated(page, words=None, path=ONE):
    page.get(path, show="all")
    write(page, words or DANISH)
    assert page.answer.status_code == 303, page.text
    page.follow()


def reviewed(page, paths=DANISH, path=ONE):
    page.get(path, show="all")
    ticks = {f"right-{number_of(page, one)}": "1" for one in paths}
    page.post(path, **{**form(page), **ticks})
    assert page.answer.status_code == 303, page.text
    page.follow()
