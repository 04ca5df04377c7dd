"""Makes one PDF in a process of its own, which is given the page and every file that it may use, and no network.

Run by `paper_pdf.py` as a script; it knows nothing of the service. In: a line of JSON, on stdin, with the page and its
files by address. Out: the PDF. It ends with 3 where the library or one of its own libraries is missing.
"""

import base64
import json
import resource
import sys
import warnings
from typing import Any

CPU_SECONDS = 20
MEMORY = 2 * 1024**3
HOME = "https://paper.invalid"  # no host has this name: what an address is relative to
LIBRARY_MISSING = 3


def confine() -> None:
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def fetcher_of(files: dict[str, list[str]]) -> Any:
    """Hands out the files that came with the page; every other address is refused."""
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class Given(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: Any = None) -> Any:  # noqa: ARG002 - the library's signature
            found = files.get(url.removeprefix(HOME))
            if found is None:
                raise FatalURLFetchingError(f"not one of the page's own files: {url}")
            kind, content = found
            return URLFetcherResponse(url, base64.b64decode(content), {"Content-Type": kind})

    return Given()


def main() -> int:
    confine()
    asked = json.loads(sys.stdin.buffer.readline())
    warnings.simplefilter("ignore")
    try:
        from weasyprint import HTML
    except (ImportError, OSError):
        return LIBRARY_MISSING
    page = HTML(string=asked["html"], base_url=HOME + asked["address"], url_fetcher=fetcher_of(asked["files"]))
    made = page.write_pdf(pdf_variant="pdf/ua-1", pdf_tags=True, presentational_hints=False)
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
