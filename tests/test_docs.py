"""What the documentation shows works as it stands."""

import re
from pathlib import Path

from sops.checklist import judge
from sops.files import read_yaml

DOCS = Path(__file__).parent.parent / "docs"


def test_the_procedure_in_the_documentation_is_one():
    text = (DOCS / "procedures.md").read_text()
    document = read_yaml(re.search(r"```yaml\n(.*?)```", text, re.DOTALL)[1])

    right = judge(document, {"ham": {"value": [4]}, "bread": {"value": ["80", "84", "76"]}})
    wrong = judge(document, {"ham": {"value": [3]}, "bread": {"value": ["80", "84", "76"]}})

    assert (right.result, wrong.result) == ("pass", "fail")


def test_every_page_that_a_page_leads_to_is_there():
    for page in (DOCS.parent / "README.md", *DOCS.rglob("*.md")):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
