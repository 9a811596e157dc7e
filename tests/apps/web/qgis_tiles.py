"""QGIS (Debian's python3-qgis, offscreen) draws our vector tiles: ``qgis_tiles.py URL IMAGE``.

Run by ``test_qgis.py`` with the interpreter that has QGIS; prints how many pixels were drawn.
"""

import sys

from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsRectangle,
    QgsVectorTileLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

url, image = sys.argv[1:]
app = QgsApplication([], False)  # noqa: FBT003 - Qt's
app.initQgis()
layer = QgsVectorTileLayer(f"type=xyz&url={url}&zmin=0&zmax=14", "tiles")
if not layer.isValid():
    sys.exit("QGIS takes no such layer")
settings = QgsMapSettings()
settings.setLayers([layer])
settings.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
# 136 to 139 degrees east, 36 to 37.5 north, where the town's shelters are.
settings.setExtent(QgsRectangle(15_100_000, 4_290_000, 15_480_000, 4_500_000))
settings.setOutputSize(QSize(600, 400))
settings.setBackgroundColor(QColor("white"))
job = QgsMapRendererSequentialJob(settings)
job.start()
job.waitForFinished()
drawn = job.renderedImage()
drawn.save(image)
white = QColor("white").rgb()
count = sum(drawn.pixel(x, y) != white for x in range(600) for y in range(400))
sys.stdout.write(f"{count}\n")
app.exitQgis()
