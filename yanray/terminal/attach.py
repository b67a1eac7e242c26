"""Files that are put before a question: text, and the text of PDFs."""

from __future__ import annotations

import logging
from pathlib import Path

from yanray.errors import DataError


def attached(path: Path) -> str:
    """The text of the file at PATH under its name. Raises DataError."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None
    text = _pdf(path) if data.startswith(b"%PDF-") else _text(path, data)
    return f"{path.name}:\n{text.strip()}"


def _text(path: Path, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DataError(f"{path}: is neither UTF-8 text nor a PDF; convert it to one of them") from None


def _pdf(path: Path) -> str:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it would print; what is wrong is raised too
    try:
        pages = [page.extract_text() for page in PdfReader(path).pages]
    except (PyPdfError, ValueError, KeyError) as error:
        raise DataError(f"{path}: this PDF does not read: {error}") from None
    text = "\n\n".join(page.strip() for page in pages if page.strip())
    if not text:
        raise DataError(f"{path}: this PDF holds pictures and no text; run it through an OCR program first")
    return text
