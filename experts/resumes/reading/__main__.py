"""The child process: `python -m experts.resumes.reading < job` writes the facts that were found, as JSON."""

from __future__ import annotations

import json
import sys

from experts.credentials.inspection.limits import leave_the_network, limit_self
from experts.resumes.reading.reader import Known, read_resume


def main() -> int:
    """Read text and vocabulary, write the facts."""
    limit_self()
    leave_the_network()
    job = json.loads(sys.stdin.buffer.read())
    known = Known(name=job["name"], fields=job["fields"], languages=job["languages"], today=job["today"])
    json.dump([fact.as_json() for fact in read_resume(job["text"], known)], sys.stdout)
    sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
