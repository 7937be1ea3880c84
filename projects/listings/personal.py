"""What listings hold of a person: who wrote a project or decided about one, by an opaque relation to their account."""

from __future__ import annotations

from marketplace.kernel.personal import Room

ROOM = Room(
    name="listings", label="Projects", acts=("listings.Project", "listings.ListingVersion", "listings.ListingReview")
)
