"""The system's LibreOffice, without a screen and with a profile of its own."""

import shutil
import subprocess
import tempfile
from pathlib import Path

WAIT_S = 240.0


def missing():
    """Return what the tests need and this machine does not have; None where it has all."""
    return None if shutil.which("soffice") else "no LibreOffice (soffice)"


def converted(files, form, folder):
    """Convert files, as ``xlsx`` or ``pdf``, into a folder; formulas without values are computed."""
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(  # noqa: S603 - the program of the system, on files of a test
            [
                shutil.which("soffice"), f"-env:UserInstallation={Path(profile).as_uri()}", "--headless",
                "--norestore", "--convert-to", form, "--outdir", str(folder), *map(str, files),
            ],
            check=True, capture_output=True, timeout=WAIT_S,
        )  # fmt: skip
    return [folder / file.with_suffix(f".{form}").name for file in files]
