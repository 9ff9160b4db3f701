"""What a test does when its server is not there: skipped with the sentence that says how to get it; under CI=true a failure."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def missing(sentence: str) -> NoReturn:
    """Skips the test, or fails it where CI=true."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"under CI every server is there: {sentence}", pytrace=False)
    pytest.skip(sentence)
