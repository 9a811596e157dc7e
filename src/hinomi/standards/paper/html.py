"""The document as an HTML page that prints well; without any script."""

from __future__ import annotations

from html import escape
from importlib.resources import files

from hinomi.standards.paper.tree import (
    Block,
    Cell,
    Document,
    Heading,
    KeyFigures,
    PageBreak,
    Paragraph,
    Signatures,
    Table,
    absolute,
)


def style_sheet() -> str:
    """Return the style sheet, for servers that forbid styles inside a page."""
    return files(__package__).joinpath("paper.css").read_text(encoding="utf-8")


def write_html(document: Document, base: str, *, style: str = "") -> bytes:
    """Return the page's bytes.

    Args:
        document: what to write.
        base: address of the server that the links lead to.
        style: address of the style sheet; empty puts it into the page.
    """
    sheet = (
        f'<link rel="stylesheet" href="{escape(style)}">'
        if style
        else f"<style>{style_sheet()}</style>"
    )
    banner = f'<div class="banner">{escape(document.banner)}</div>' if document.banner else ""
    lines = "".join(
        f"<p>{escape(line)}</p>" for line in (document.subtitle, *document.letterhead) if line
    )
    logo = f'<p class="logo">{escape(document.logo)}</p>' if document.logo else ""
    foot = " ".join(part for part in (document.label, document.foot) if part)
    page = "@page { size: A4 landscape; }" if document.landscape and not style else ""
    parts = (
        f'<!doctype html><html lang="{escape(document.language)}"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(document.title)}</title>{sheet}",
        f"<style>{page}</style>" if page else "",
        f'</head><body class="{"landscape" if document.landscape else "portrait"}">',
        banner,
        f'<header>{logo}<div class="from">{lines}</div></header>',
        f"<main><h1>{escape(document.title)}</h1>",
        *(_block(block, base) for block in document.blocks),
        f"</main><footer>{escape(foot)}</footer></body></html>",
    )
    return "".join(parts).encode()


def _block(block: Block, base: str) -> str:
    match block:
        case Heading():
            rank = min(block.level + 1, 6)
            return f"<h{rank}>{escape(block.text)}</h{rank}>"
        case Paragraph():
            kind = ' class="small"' if block.small else ""
            return f"<p{kind}>{_linked(block.text, block.link, base)}</p>"
        case KeyFigures():
            items = "".join(
                f"<div{_look(c)}><dt>{escape(n)}</dt><dd>{_linked(c.text, c.link, base)}</dd></div>"
                for n, c in block.items
            )
            return f'<dl class="figures">{items}</dl>'
        case Table():
            return _table(block, base)
        case Signatures():
            items = "".join(
                f"<div><dt>{escape(r)}</dt><dd>{escape(n)}</dd></div>" for r, n in block.items
            )
            return f'<dl class="signatures">{items}</dl>'
        case PageBreak():
            return '<div class="break"></div>'


def _table(block: Table, base: str) -> str:
    if not block.rows:
        return f"<p>{escape(block.empty)}</p>"
    head = ""
    if any(c.title for c in block.columns):
        titles = "".join(f'<th scope="col">{escape(c.title)}</th>' for c in block.columns)
        head = f"<thead><tr>{titles}</tr></thead>"
    rows = []
    for cells in block.rows:
        place, row = 0, []
        for cell in cells:
            align = cell.align or block.columns[min(place, len(block.columns) - 1)].align
            row.append(_cell(cell, align, base))
            place += cell.across
        rows.append(f"<tr>{''.join(row)}</tr>")
    kind = ' class="form"' if block.small else ""
    return f'<div class="wide"><table{kind}>{head}<tbody>{"".join(rows)}</tbody></table></div>'


def _cell(cell: Cell, align: str, base: str) -> str:
    name = "th" if cell.head else "td"
    spans = (f' colspan="{cell.across}"' if cell.across > 1 else "") + (
        f' rowspan="{cell.down}"' if cell.down > 1 else ""
    )
    text = _linked(cell.text, cell.link, base)
    look = _look(cell, align)
    return f"<{name}{spans}{look}>{f'<b>{text}</b>' if cell.strong else text}</{name}>"


def _look(cell: Cell, align: str = "") -> str:
    """Return the class of a cell: colours are classes, since pages may forbid inline styles."""
    classes = [align] if align else []
    if cell.colour:
        classes.append(f"ground-{cell.colour.lstrip('#')}")
    return f' class="{escape(" ".join(classes))}"' if classes else ""


def _linked(text: str, link: str, base: str) -> str:
    said = escape(text).replace("\n", "<br>")
    address = absolute(link, base)
    if not address.startswith(("http://", "https://")):
        return said
    return f'<a href="{escape(address)}">{said}</a>'
