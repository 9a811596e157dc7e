"""QGIS (Debian's python3-qgis, offscreen) reads a collection: ``qgis_features.py URL COLLECTION``.

Run by ``test_qgis.py`` with the interpreter that has QGIS; prints what it found as JSON.
"""

import json
import sys

from qgis.core import QgsApplication, QgsFeatureRequest, QgsRectangle, QgsVectorLayer


def read(url: str, collection: str) -> dict[str, object]:
    """Return what QGIS is given: all, in a box, by an expression, as a subset."""
    layer = QgsVectorLayer(f" url='{url}' typename='{collection}'", "ours", "OAPIF")
    if not layer.isValid():
        sys.exit("QGIS takes no such layer")

    def names(request: QgsFeatureRequest) -> list[str]:
        return sorted(feature["name"] for feature in layer.getFeatures(request))

    by_number = QgsFeatureRequest().setFilterExpression('"people" > 245 AND "people" < 265')
    found = {
        "crs": layer.crs().authid(),
        "fields": [field.name() for field in layer.fields()],
        "all": names(QgsFeatureRequest()),
        "box": names(QgsFeatureRequest(QgsRectangle(136.05, 36, 136.25, 36.2))),
        "expression": names(QgsFeatureRequest().setFilterExpression("\"state\" = 'full'")),
        "number": names(by_number),
    }
    layer.setSubsetString("\"state\" = 'full'")
    return {**found, "subset": names(QgsFeatureRequest())}


app = QgsApplication([], False)  # noqa: FBT003 - Qt's
app.initQgis()
sys.stdout.write(json.dumps(read(*sys.argv[1:])) + "\n")
app.exitQgis()
