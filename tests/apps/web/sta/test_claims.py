"""Each requirement of OGC 18-088 and 23-019 that we claim has a test; no table falls behind."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hinomi.standards.sensorthings import V1_1, V2_0, Version

ROOT = Path(__file__).resolve().parents[4]
READ, WRITE = "apps/web/sta/test_reading.py", "apps/web/sta/test_writing.py"
ENTITY = f"{READ}::test_every_entity_has_its_links_and_required_properties"
FILTERS = f"{READ}::test_filters_choose"
PAGES = f"{READ}::test_pages_follow_each_other_without_loss_or_repetition"
REFUSED = f"{READ}::test_questions_without_sense_are_refused_by_name"
CUT = f"{READ}::test_skip_and_top_cut_a_page"
DEEP = f"{WRITE}::test_a_deep_insert_makes_all_that_it_brings_along"
LINKED = f"{WRITE}::test_parts_are_made_one_by_one_and_linked"
BRIDGE = "runtime/mqtt/test_bridge.py"
TESTS = {
    **{
        f"datamodel/{name}": ENTITY
        for name in (
            "thing", "location", "historical-location", "datastream", "sensor",
            "observed-property", "observation", "feature-of-interest",
            "entity-control-information",
        )
    },
    "resource-path/resource-path-to-entities":
        f"{READ}::test_properties_and_their_raw_values_have_addresses",
    "request-data/order": f"{READ}::test_expansions_nest_with_their_own_options",
    "request-data/expand": f"{READ}::test_expansions_nest_with_their_own_options",
    "request-data/select": f"{READ}::test_expansions_nest_with_their_own_options",
    "request-data/status-code": REFUSED,
    "request-data/query-status-code": REFUSED,
    "request-data/orderby": PAGES,
    "request-data/top": CUT,
    "request-data/skip": CUT,
    "request-data/count": CUT,
    "request-data/filter": FILTERS,
    "request-data/built-in-filter-operations": FILTERS,
    "request-data/built-in-query-functions": FILTERS,
    "request-data/pagination": PAGES,
    "create-update-delete/create-entity": LINKED,
    "create-update-delete/link-to-existing-entities": LINKED,
    "create-update-delete/deep-insert": DEEP,
    "create-update-delete/deep-insert-status-code": DEEP,
    "create-update-delete/update-entity":
        f"{WRITE}::test_an_update_keeps_the_id_and_a_correction_replaces_the_result",
    "create-update-delete/delete-entity":
        f"{WRITE}::test_what_is_deleted_is_gone_with_what_hangs_on_it",
    "create-update-delete/historical-location-auto-creation":
        f"{WRITE}::test_a_thing_that_moves_leaves_a_historical_location",
    "batch-request/batch-request":
        f"{WRITE}::test_a_multipart_batch_reads_and_its_change_set_is_made_at_once",
    "data-array/data-array": f"{WRITE}::test_a_data_array_is_taken_row_by_row",
    "create-observations-via-mqtt/observations-creation":
        f"{BRIDGE}::test_what_a_broker_takes_is_in_the_store",
}  # fmt: skip


SECOND = "apps/web/sta/test_version_2.py"
WORDS = f"{SECOND}::test_expansions_pages_references_and_single_attributes_use_the_new_words"
CHOSEN = f"{SECOND}::test_what_is_selected_ordered_skipped_and_counted"
TESTS_2 = {
    "datamodel/core": f"{SECOND}::test_every_entity_has_its_links_and_required_attributes",
    "api/read/paths": WORDS,
    "api/read/options/precedence": CHOSEN,
    "api/read/options/select": CHOSEN,
    "api/read/options/expand": WORDS,
    "api/read/options/top": CHOSEN,
    "api/read/options/skip": CHOSEN,
    "api/read/options/count": CHOSEN,
    "api/read/options/orderby": CHOSEN,
    "api/read/options/pagination": CHOSEN,
    "binding/http/advertisement":
        f"{SECOND}::test_the_root_tells_context_sets_conformance_functions_and_where_it_is",
}  # fmt: skip


@pytest.mark.parametrize(
    ("version", "tests"), [(V1_1, TESTS), (V2_0, TESTS_2)], ids=lambda one: getattr(one, "name", "")
)
def test_every_claim_has_its_test(version: Version, tests: dict[str, str]) -> None:
    claimed = {re.split("/req(?:-class)?/", uri)[1] for uri in version.conformance}
    assert claimed == set(tests)
    for node in tests.values():
        path, _, name = node.partition("::")
        text = (ROOT / "tests" / path).read_text(encoding="utf-8")
        assert re.search(rf"def {name}\(", text), node
