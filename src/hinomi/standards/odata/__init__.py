"""OData 4's query options and paths, as SensorThings API 1.1 (OGC 18-088) uses them.

Text in, trees out, and back: :func:`parse_filter`, :func:`parse_options`, :func:`parse_path`;
:func:`compile_filter` makes a test of a tree. Every fault is an :class:`InputError` with its
position; length, depth and numbers of parts are bounded.
"""

from hinomi.standards.odata.evaluate import Getter, compile_expression, compile_filter
from hinomi.standards.odata.expressions import parse_expression, parse_filter
from hinomi.standards.odata.functions import FUNCTIONS
from hinomi.standards.odata.options import Expand, Options, Order, parse_options
from hinomi.standards.odata.paths import Step, parse_path
from hinomi.standards.odata.tree import Binary, Call, Literal, Node, Path, Unary, conjuncts

__all__ = [
    "FUNCTIONS", "Binary", "Call", "Expand", "Getter", "Literal", "Node", "Options", "Order",
    "Path", "Step", "Unary", "compile_expression", "compile_filter", "conjuncts",
    "parse_expression", "parse_filter", "parse_options", "parse_path",
]  # fmt: skip
