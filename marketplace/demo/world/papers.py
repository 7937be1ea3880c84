"""Papers of the demonstration world: small PDF files that say of themselves that they are invented."""

from __future__ import annotations

from collections.abc import Sequence

SPECIMEN = "SPECIMEN. Every person, number and office in this paper is invented."


def pdf(lines: Sequence[str]) -> bytes:
    """Return one page of A4 with the lines on it in Helvetica, the first one large (PDF 1.4, ISO 32000-1, 7.5)."""
    sizes = [20, *[11] * len(lines)]
    shown = [line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)") for line in (*lines, "", SPECIMEN)]
    drawn = " ".join(f"/F1 {size} Tf 0 -28 Td ({line}) Tj" for size, line in zip([*sizes, 11], shown, strict=True))
    stream = f"BT 72 770 Td {drawn} ET".encode("cp1252")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    body, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(body))
    return body + b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table) + trailer
