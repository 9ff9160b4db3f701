"""Prints rejects files for people: where each record stands, and what is wrong with it."""

import json
import sys
from pathlib import Path

for name in sys.argv[1:]:
    for line in Path(name).read_text(encoding="utf-8").splitlines():
        reject = json.loads(line)
        place = f"{reject['file']}:{reject['line']} {reject['pointer'] or ''}".rstrip()
        print(f"  {place}: {reject['code']}: {reject['message']}")
