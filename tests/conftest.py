"""What all tests share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's root."""
    return ROOT


@pytest.fixture(scope="session", autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The cache of every program the tests start: no test may write to the home of whoever runs it."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("home") / "cache"
        patch.setenv("RMM_DETECTOR_CACHE", str(folder))
        yield folder


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
