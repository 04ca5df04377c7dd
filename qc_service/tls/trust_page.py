"""The page by which a tablet comes to trust the plant's authority: what to press on which device, in six languages.

It is read over plain HTTP, so it proves nothing itself: it asks people to compare what the device says of the file
with what the desk says.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import jinja2

from qc_service.texts import Text, later
from qc_service.tls.folder import Standing
from qc_service.words import LANGUAGES, NAMES, Words

HERE = Path(__file__).parent
STYLE = HERE / "trust.css"
FILE = "/qc-ca.crt"
PAGE = "/trust"

# What people do on each kind of device. Names of menus are those of the device's own language.
DEVICES: tuple[tuple[Text, tuple[Text, ...]], ...] = (
    (
        later("iPad and iPhone"),
        (
            later("Open this page in Safari, press “Fetch the certificate” and then “Allow”."),
            later("Open Settings and press “Profile Downloaded” at the top."),
            later("Press “More Details”, then the certificate: its SHA-256 must be the one that the desk shows."),
            later("Press “Install” and enter the device’s passcode."),
            later("In Settings open General, About, Certificate Trust Settings, and switch on “%(title)s”."),
        ),
    ),
    (
        later("Android"),
        (
            later("Open this page in Chrome and press “Fetch the certificate”: it goes to Downloads."),
            later(
                "Open Settings and search for “CA certificate”. Press it, then “Install anyway”, and choose qc-ca.crt."
            ),
            later("In Settings search for “Trusted credentials” and open “%(title)s” under “User”."),
            later("Its SHA-256 fingerprint must be the one that the desk shows. If it is not, remove it there."),
            later("Use Chrome or Edge: Firefox does not ask the device whom it trusts."),
        ),
    ),
    (
        later("Windows"),
        (
            later("Press “Fetch the certificate”: it goes to Downloads."),
            later(
                "Open the Command Prompt there and type: certutil -hashfile qc-ca.crt SHA256. "
                "It must say what the desk shows."
            ),
            later("Open the file, press “Install Certificate” and choose “Current User”."),
            later(
                "Choose “Place all certificates in the following store” and “Trusted Root Certification Authorities”."
            ),
            later("Press “Finish” and “Yes”, then close the browser and open it again."),
        ),
    ),
    (
        later("Chrome OS"),
        (
            later("Press “Fetch the certificate”: it goes to Downloads."),
            later("Type chrome://certificate-manager into the address bar and open the installed certificates."),
            later("Press “Import” under “Trusted certificates” and choose qc-ca.crt."),
            later("Open the certificate in the list: its SHA-256 must be the one that the desk shows."),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Told:
    """What the page says of this plant: where the service is, and which authority vouches for it."""

    service: str
    title: str
    words: str
    digits: str


def told_of(standing: Standing, service: str) -> Told:
    return Told(service, standing.title, standing.words, standing.digits)


def html(told: Told, language: str) -> str:
    words = Words(language)
    devices = [
        {"name": words.say(name), "steps": [words.say(one, title=told.title) for one in steps]}
        for name, steps in DEVICES
    ]
    return _template().render(
        _=words.say, lang=language, told=told, devices=devices, file=FILE,
        languages=[{"code": one, "name": NAMES[one]} for one in LANGUAGES],
    )  # fmt: skip


def nothing_here(language: str) -> str:
    return Words(language).say(later("There is nothing at this address. Open %(page)s.", page=PAGE))


@lru_cache(maxsize=1)
def _template() -> jinja2.Template:
    loader = jinja2.FileSystemLoader(HERE / "templates")
    return jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True).get_template(
        "trust.html"
    )
