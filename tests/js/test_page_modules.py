"""Do the modules of the page do what they say? Their own tests are JavaScript; here they are run."""

import subprocess
from pathlib import Path

from command_ui import bundle


def test_modules_of_the_page(repository: Path) -> None:
    bundle._install_packages(lambda _step: None)  # the modules import OpenLayers from where the bundles are built
    done = subprocess.run(
        [repository / ".ci/test-js"], cwd=repository, capture_output=True, text=True, check=False, timeout=800
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "passed" in done.stdout
