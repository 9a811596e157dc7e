"""A field as an outsider would write it: one collection, one layer, one value."""

import msgspec

from hinomi.kernel.collections import Collection
from hinomi.kernel.errors import Text
from hinomi.kernel.ports import Domain
from hinomi.vocabulary.layers import Board, Class, Layer


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of road that nobody may pass."""

    name: str


BLOCKS = Collection(
    id="roads.blocks",
    title=Text("通行止め", "Road blocks"),
    text=Text("通れない道路。", "Roads that are closed."),
    schema=Block,
    licence="CC0-1.0",
)

DOMAIN = Domain(
    id="roads",
    title=Text("道路", "Roads"),
    collections=(BLOCKS,),
    layers=(
        Layer(
            id="blocks",
            collection=BLOCKS.id,
            title=Text("通行止め", "Road blocks"),
            shape="diamond",
            classes=(Class(label=Text("通行止め", "Closed"), colour="#d6001c"),),
            name=Text("name", "name"),
            board=Board(
                title=Text("通行止め", "Road blocks"), empty=Text("ありません。", "None closed.")
            ),
        ),
    ),
)
