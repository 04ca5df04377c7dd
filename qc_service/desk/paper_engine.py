"""Makes PDFs, each in a process of its own that is given the page and every file that it may use, and no network.

Run by `paper_press.py` as a script; it knows nothing of the service. It loads the library once, which takes longer than
a page does, and waits. In: for each page a line of JSON, with the page and its files by address. Out: a line of JSON
with the status and the length, then the PDF, or what was said instead of one. It ends with its input, or when nothing
has been asked of it for a while.
"""

import base64
import json
import os
import resource
import select
import signal
import sys
import traceback
import warnings
from typing import Any

CPU_SECONDS = 20
MEMORY = 2 * 1024**3
IDLE_SECONDS = 300
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


def pdf_of(asked: dict[str, Any]) -> bytes:
    from weasyprint import HTML

    page = HTML(string=asked["html"], base_url=HOME + asked["address"], url_fetcher=fetcher_of(asked["files"]))
    made: bytes = page.write_pdf(pdf_variant="pdf/ua-1", pdf_tags=True, presentational_hints=False)
    return made


def in_a_child(line: bytes) -> tuple[int, bytes]:
    """How a process of its own ended, and what it made: what a page does to the library ends with it."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _work(line, writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        made = pipe.read()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), made


def _work(line: bytes, writer: int) -> None:
    status = 1
    try:
        confine()
        made = pdf_of(json.loads(line))
        status = 0
    except BaseException:  # noqa: BLE001 - whatever it was, the one who asked is told
        made = traceback.format_exc().encode()
    with os.fdopen(writer, "wb") as pipe:
        pipe.write(made)
    os._exit(status)


def main() -> int:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it ends when whoever asks it ends
    warnings.simplefilter("ignore")
    try:
        import weasyprint  # noqa: F401 - here, so that no page waits for it
    except (ImportError, OSError):
        return LIBRARY_MISSING
    while select.select([sys.stdin], [], [], IDLE_SECONDS)[0]:
        line = sys.stdin.buffer.readline()
        if not line.endswith(b"\n"):
            break
        status, made = in_a_child(line)
        sys.stdout.buffer.write(json.dumps({"status": status, "length": len(made)}).encode() + b"\n" + made)
        sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
