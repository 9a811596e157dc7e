"""Paper: one neutral document, written as PDF (ISO 32000), Excel (ISO/IEC 29500) and HTML.

A document is a tree of headings, tables, key figures and paragraphs. Every figure may carry the
address of what it was taken from; each writer makes a link of it. The writers decide nothing: what
stands in one format stands in the others.
"""

from hinomi.standards.paper.html import write_html
from hinomi.standards.paper.pdf import write_pdf
from hinomi.standards.paper.tree import (
    Block,
    Cell,
    Column,
    Document,
    Heading,
    KeyFigures,
    PageBreak,
    Paragraph,
    Signatures,
    Table,
)
from hinomi.standards.paper.xlsx import write_xlsx

__all__ = [
    "Block",
    "Cell",
    "Column",
    "Document",
    "Heading",
    "KeyFigures",
    "PageBreak",
    "Paragraph",
    "Signatures",
    "Table",
    "write_html",
    "write_pdf",
    "write_xlsx",
]
