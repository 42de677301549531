"""What all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's root."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The research folder beside the project: real logs, public rules, scenarios. Never copied into it."""
    folder = Path(os.environ.get("RMM_DETECTOR_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        reason = f"the shared folder is missing: {folder} (set RMM_DETECTOR_SHARED)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return folder
