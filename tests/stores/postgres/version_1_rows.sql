-- What a store of the first layout held after two statements ("a", "b") and one reading: a dump
-- of its rows (pg_dump --data-only --inserts), with the partition that they had made.
CREATE TABLE hinomi.reading_0 (LIKE hinomi.reading INCLUDING ALL);
ALTER TABLE hinomi.reading ATTACH PARTITION hinomi.reading_0
    FOR VALUES FROM (0) TO (31536000000000);
INSERT INTO hinomi.batch VALUES (3, 3, 1, 1780272000000000, 1, '{}');
INSERT INTO hinomi.lane VALUES (1, 1, 'a', 2, 1, true, 1, 1, 0, 1780272000000000, 0);
INSERT INTO hinomi.lane VALUES (2, 1, 'b', 2, 1, true, 1, 2, 0, 1780272000000000, 0);
INSERT INTO hinomi.latest VALUES (1, 1, 0, 1, 3, 1);
INSERT INTO hinomi.marking OVERRIDING SYSTEM VALUE VALUES (1, 'actual', 0, '[]');
INSERT INTO hinomi.name OVERRIDING SYSTEM VALUE VALUES (1, 'test.sightings');
INSERT INTO hinomi.name OVERRIDING SYSTEM VALUE VALUES (2, 'jma');
INSERT INTO hinomi.name OVERRIDING SYSTEM VALUE VALUES (3, 'test.levels');
INSERT INTO hinomi.reading_0 VALUES (1, 1, 0, 1, 3, 1);
INSERT INTO hinomi.record VALUES (1, '\x74271bd5e375be0c4b233d709bd933ea', 1, 1, 'a', 2, 1, 1, false, true, true, false, NULL, 0, 1780272000000000, 0, 1780272000000000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '\x7b2274797065223a2246656174757265222c226964223a2261222c2270726f70657274696573223a7b226e756d626572223a302c226e616d65223a2230222c22666c6167223a6e756c6c2c227365656e5f6174223a6e756c6c2c227061727473223a5b5d2c227265636f7264223a223734323731626435653337356265306334623233336437303962643933336561222c227374617274223a6e756c6c2c22656e64223a6e756c6c2c22736169645f6174223a22323032362d30362d30315430303a30303a30305a222c227265636f726465645f6174223a22323032362d30362d30315430303a30303a30305a222c22736f75726365223a226a6d61222c22737461747573223a2261637475616c222c22646973636c6f73757265223a22434c454152222c2261756469656e6365223a5b5d7d2c2267656f6d65747279223a6e756c6c7d', '{"end": null, "flag": null, "name": "0", "parts": [], "start": null, "number": 0, "record": "74271bd5e375be0c4b233d709bd933ea", "source": "jma", "status": "actual", "said_at": "2026-06-01T00:00:00Z", "seen_at": null, "audience": [], "disclosure": "CLEAR", "recorded_at": "2026-06-01T00:00:00Z"}', '{}');
INSERT INTO hinomi.record VALUES (2, '\xd2f887e7ffdc2af27c93a3f47eb0789b', 2, 1, 'b', 2, 1, 1, false, true, true, false, NULL, 0, 1780272000000000, 0, 1780272000000000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '\x7b2274797065223a2246656174757265222c226964223a2262222c2270726f70657274696573223a7b226e756d626572223a302c226e616d65223a2230222c22666c6167223a6e756c6c2c227365656e5f6174223a6e756c6c2c227061727473223a5b5d2c227265636f7264223a226432663838376537666664633261663237633933613366343765623037383962222c227374617274223a6e756c6c2c22656e64223a6e756c6c2c22736169645f6174223a22323032362d30362d30315430303a30303a30305a222c227265636f726465645f6174223a22323032362d30362d30315430303a30303a30305a222c22736f75726365223a226a6d61222c22737461747573223a2261637475616c222c22646973636c6f73757265223a22434c454152222c2261756469656e6365223a5b5d7d2c2267656f6d65747279223a6e756c6c7d', '{"end": null, "flag": null, "name": "0", "parts": [], "start": null, "number": 0, "record": "d2f887e7ffdc2af27c93a3f47eb0789b", "source": "jma", "status": "actual", "said_at": "2026-06-01T00:00:00Z", "seen_at": null, "audience": [], "disclosure": "CLEAR", "recorded_at": "2026-06-01T00:00:00Z"}', '{}');
INSERT INTO hinomi.series VALUES (1, 'levels.1', 'mlit', 1, 3, 'levels.1', 139.7, 35.6, 3906399750599767, 3, '{"id":"levels.1","collection":"test.levels","thing":"levels.1","property":"level_m","unit":"m","source":"mlit","title":"","longitude":139.7,"latitude":35.6,"marking":{"status":"actual","disclosure":0,"audience":[]}}');
INSERT INTO hinomi.step VALUES (3, 1780272000000000);
INSERT INTO hinomi.tally VALUES (1, 1, 2);
INSERT INTO hinomi.tally VALUES (3, 1, 1);
SELECT pg_catalog.setval('hinomi.marking_id_seq', 1, true);
SELECT pg_catalog.setval('hinomi.name_id_seq', 3, true);
SELECT pg_catalog.setval('hinomi.series_id_seq', 1, true);
