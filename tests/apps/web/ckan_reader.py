"""CKAN's own DCAT reader (ckanext-dcat), as its harvester runs it: ``ckan_reader.py URL``.

Run by ``test_catalogue_outsiders.py`` in an environment with CKAN; prints the packages as JSON.
"""

import json
import sys
import urllib.request

from ckanext.dcat.processors import RDFParser

parser = RDFParser(profiles=["euro_dcat_ap_2"])
with urllib.request.urlopen(sys.argv[1]) as answer:  # noqa: S310 - our own server
    parser.parse(answer.read().decode(), _format="json-ld")
sys.stdout.write(json.dumps(list(parser.datasets())))
