"""What credentials hold of a person: numbers, the files behind them, and the résumé."""

from __future__ import annotations

from marketplace.kernel.personal import Delete, Personal, Room

ROOM = Room(
    name="credentials",
    label="Credentials and documents",
    tables=(
        Personal("credentials.CredentialStep", Delete(), person="credential__expert__user", title="Steps on the ladder",
                 columns=("credential__public_id", "from_step", "to_step", "at", "source", "seen_on", "explanation")),
        Personal("credentials.Credential", Delete(), person="expert__user", title="Credentials",
                 columns=("public_id", "kind", "title", "issuer", "country", "region", "number", "expires_on",
                          "awarded_year", "step", "declared_at", "withdrawn_at")),
        Personal("credentials.PartialUpload", Delete(), person="expert__user",
                 unseen="Pieces of a file on its way: within a day they are a document, or nothing."),
        Personal("credentials.Document", Delete(), person="expert__user", title="Documents", files=("file",),
                 columns=("public_id", "kind", "state", "original_name", "media_type", "size_bytes", "sha256",
                          "uploaded_at", "refusal")),
    ),
)  # fmt: skip
