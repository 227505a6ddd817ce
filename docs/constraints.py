"""Prints the versions that pip chooses today for the project with its extras postgres and s3.

python docs/constraints.py > constraints.txt
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
HEAD = """\
# The versions of one whole installation, with the extras postgres and s3, that are known to work
# together:
#     pip install -c constraints.txt 'embedding-monitor[postgres,s3]'
# Made by: python docs/constraints.py > constraints.txt
"""


def main() -> None:
    """Asks pip, and installs nothing."""
    wanted = [*("--dry-run", "--ignore-installed", "--quiet", "--report", "-"), ".[postgres,s3]"]
    call = [sys.executable, "-m", "pip", "install", *wanted]
    report = subprocess.run(call, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    found = [each["metadata"] for each in json.loads(report)["install"]]
    lines = sorted(f"{m['name'].lower().replace('_', '-')}=={m['version']}" for m in found)
    print(HEAD + "\n".join(line for line in lines if not line.startswith("embedding-monitor==")))


if __name__ == "__main__":
    main()
