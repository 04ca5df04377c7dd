from collections.abc import Iterator

import pytest

from tests.bench.table import Table


@pytest.fixture(scope="session")
def table() -> Iterator[Table]:
    made = Table()
    yield made
    made.write()
