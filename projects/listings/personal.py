"""What listings hold of a person: who wrote a project, as a member of a lab."""

from __future__ import annotations

from marketplace.kernel.personal import Room

ROOM = Room(name="listings", label="Projects", acts=("listings.Project",))
