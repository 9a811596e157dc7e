"""stac-api-validator without a network: ``stac_suite.py SCHEMAS ARGUMENT...``.

Run by ``test_catalogue_outsiders.py`` in the validator's own environment. The validator fetches
STAC 1.0.0's JSON schemas from schemas.stacspec.org and GeoJSON's from geojson.org; here it is given
the same files as pystac 1.10 carries them (SCHEMAS is the folder of that package's schemas).
"""

import sys
from pathlib import Path
from urllib.parse import urlsplit

import requests
from stac_api_validator.__main__ import main

SCHEMAS = Path(sys.argv.pop(1))
HOSTS = {"schemas.stacspec.org": "stac-spec/v1.0.0", "geojson.org": "geojson"}


class Kept(requests.adapters.BaseAdapter):
    """Answers with the schema of that name."""

    def send(self, request, **_):
        parts = urlsplit(request.url)
        path = SCHEMAS / HOSTS[parts.netloc] / Path(parts.path).name
        answer = requests.Response()
        answer.request, answer.url, answer.status_code = request, request.url, 200
        answer._content = path.read_bytes()
        return answer

    def close(self):
        """Hold nothing."""


found = requests.Session.get_adapter


def get_adapter(self, url):
    """Return the kept schemas' adapter for what would be fetched from elsewhere."""
    return Kept() if urlsplit(url).netloc in HOSTS else found(self, url)


requests.Session.get_adapter = get_adapter
sys.exit(main())
