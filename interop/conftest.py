"""What all tests share: one house, served for as long as they run."""

import os

import pytest

from house import House


@pytest.fixture(scope="session")
def house():
    """A served house with its metrics."""
    served = House("--metrics-listen", "127.0.0.1:0")
    yield served
    served.stop()


@pytest.fixture(scope="session")
def long():
    """Whether tests may take longer."""
    return os.environ.get("ASSIZE_TEST_LONG") == "1"
