"""
Files of public registers as they are published, read as a stream: one module for each register.

A reader looks at the head of its file before anything is written, and refuses a wrong one in words. Then it yields
records one by one, so that memory does not grow with the file.
"""

from experts.registries.reading.base import LEFT_OUT, Reader, Record, Row, Unreadable
from experts.registries.reading.fide import FideReader
from experts.registries.reading.files import fingerprint
from experts.registries.reading.nppes import NppesReader
from experts.registries.reading.ofac import OfacReader

__all__ = [
    "LEFT_OUT",
    "FideReader",
    "NppesReader",
    "OfacReader",
    "Reader",
    "Record",
    "Row",
    "Unreadable",
    "fingerprint",
]
