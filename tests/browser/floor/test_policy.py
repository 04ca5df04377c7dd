"""The content policy holds in every test of the floor: what breaks it is noticed, in whatever page it happens."""

import pytest

from tests.browser.floor.working import TABLET, launched

pytestmark = [pytest.mark.browser, pytest.mark.campaign]

BREACH = """() => new Promise(done => {
  document.addEventListener('securitypolicyviolation', () => done(), { once: true });
  document.body.append(Object.assign(document.createElement('style'), { textContent: 'b { color: red }' }));
})"""


def _break(context, ear):
    page = context.new_page()
    page.goto("/floor")
    page.evaluate(BREACH)
    page.wait_for_timeout(100)
    heard, ear.heard[:] = list(ear.heard), []
    assert any(one.startswith("breach of style-src-elem: inline") for one in heard), heard


def test_a_breach_of_the_policy_is_noticed_in_every_page_of_every_browser(station, browser, context, ear, tmp_path):
    _break(context, ear)
    _break(context, ear)
    another = browser.new_context(base_url=station.url, viewport=TABLET)
    _break(another, ear)
    another.close()
    lasting = launched(browser.browser_type, station, tmp_path)
    _break(lasting, ear)
    lasting.close()
