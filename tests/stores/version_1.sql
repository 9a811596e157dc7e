-- A store of layout 1, as it was first released: made by SQL alone, never changed.
CREATE TABLE name (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE TABLE marking (
    id INTEGER PRIMARY KEY, status TEXT NOT NULL, disclosure INTEGER NOT NULL,
    audience TEXT NOT NULL, UNIQUE (status, disclosure, audience)
);
-- One row for each transaction that appended: the last position and when [us].
CREATE TABLE step (position INTEGER PRIMARY KEY, at INTEGER NOT NULL);
CREATE INDEX step_at ON step (at);
-- Large geometries, kept once: municipalities recur in every warning.
CREATE TABLE shape (id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, data BLOB NOT NULL);
-- A lane is what one source says of one thing under one marking; its columns mirror its latest
-- statement, "shown" is the marking that holds today, "since" the position the place holds from.
CREATE TABLE lane (
    id INTEGER PRIMARY KEY, collection INTEGER NOT NULL, key TEXT NOT NULL,
    source INTEGER NOT NULL, marking INTEGER NOT NULL,
    stands INTEGER NOT NULL, multi INTEGER NOT NULL, shown INTEGER NOT NULL,
    seq INTEGER NOT NULL, rank INTEGER NOT NULL, said_at INTEGER NOT NULL, serial INTEGER NOT NULL,
    start INTEGER, "end" INTEGER, span INTEGER NOT NULL, moment INTEGER NOT NULL,
    west REAL, south REAL, east REAL, north REAL, since INTEGER
);
CREATE UNIQUE INDEX lane_name ON lane (collection, key, source, marking);
-- "ever" tells whether the statement was the lane's latest when it came; late ones never were.
CREATE TABLE record (
    seq INTEGER PRIMARY KEY, id BLOB NOT NULL, lane INTEGER NOT NULL REFERENCES lane (id),
    ever INTEGER NOT NULL, marking INTEGER NOT NULL, retracts INTEGER NOT NULL,
    rank INTEGER NOT NULL, said_at INTEGER NOT NULL, serial INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL, start INTEGER, "end" INTEGER,
    shape INTEGER REFERENCES shape (id), feature TEXT NOT NULL, origin TEXT NOT NULL
);
CREATE UNIQUE INDEX record_id ON record (id);
CREATE INDEX record_lane ON record (lane, ever, seq);
CREATE TABLE delivery (
    record INTEGER NOT NULL REFERENCES record (seq), at INTEGER NOT NULL, origin TEXT NOT NULL,
    UNIQUE (record, origin)
);
CREATE TABLE made (
    input BLOB NOT NULL, record INTEGER NOT NULL REFERENCES record (seq),
    PRIMARY KEY (input, record)
) WITHOUT ROWID;
-- Where the standing statements are, and where those since moved or ended were.
CREATE TABLE place (
    collection INTEGER NOT NULL, cell INTEGER NOT NULL, lane INTEGER NOT NULL,
    west REAL NOT NULL, south REAL NOT NULL, east REAL NOT NULL, north REAL NOT NULL,
    since INTEGER NOT NULL, PRIMARY KEY (collection, cell, lane)
) WITHOUT ROWID;
CREATE TABLE former_place (
    collection INTEGER NOT NULL, cell INTEGER NOT NULL, lane INTEGER NOT NULL,
    west REAL NOT NULL, south REAL NOT NULL, east REAL NOT NULL, north REAL NOT NULL,
    since INTEGER NOT NULL, until INTEGER NOT NULL, PRIMARY KEY (collection, cell, lane, since)
) WITHOUT ROWID;
CREATE TABLE complete (
    id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, collection INTEGER NOT NULL,
    source INTEGER NOT NULL, marking INTEGER NOT NULL, said_at INTEGER NOT NULL,
    keys TEXT NOT NULL, origin TEXT NOT NULL
);
CREATE INDEX complete_scope ON complete (collection, source, marking, said_at);
CREATE TABLE cover (
    collection INTEGER NOT NULL, source INTEGER NOT NULL, marking INTEGER NOT NULL,
    entry TEXT NOT NULL, said_at INTEGER NOT NULL,
    complete INTEGER NOT NULL REFERENCES complete (id),
    PRIMARY KEY (collection, source, marking, entry, said_at, complete)
) WITHOUT ROWID;
CREATE TABLE remark (
    seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, collection INTEGER NOT NULL, key TEXT NOT NULL,
    source INTEGER NOT NULL, old INTEGER NOT NULL, new INTEGER NOT NULL
);
CREATE TABLE series (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, source TEXT NOT NULL, marking INTEGER NOT NULL,
    collection INTEGER NOT NULL, thing TEXT NOT NULL, longitude REAL, latitude REAL, cell INTEGER,
    corrected INTEGER NOT NULL DEFAULT 0, touched INTEGER NOT NULL, definition TEXT NOT NULL,
    UNIQUE (name, source, marking)
);
CREATE INDEX series_place ON series (collection, cell);
CREATE INDEX series_thing ON series (collection, thing);
CREATE TABLE reading (
    series INTEGER NOT NULL, time INTEGER NOT NULL, batch INTEGER NOT NULL,
    value REAL, quality INTEGER NOT NULL, PRIMARY KEY (series, time, batch)
) WITHOUT ROWID;
CREATE TABLE latest (
    series INTEGER PRIMARY KEY REFERENCES series (id), time INTEGER NOT NULL,
    batch INTEGER NOT NULL, value REAL, quality INTEGER NOT NULL
);
CREATE TABLE batch (
    seq INTEGER NOT NULL, collection INTEGER NOT NULL, marking INTEGER NOT NULL,
    at INTEGER NOT NULL, rows INTEGER NOT NULL, origin TEXT NOT NULL,
    PRIMARY KEY (seq, collection, marking)
) WITHOUT ROWID;
INSERT INTO name VALUES (1, 'test.sightings');
INSERT INTO name VALUES (2, 'jma');
INSERT INTO name VALUES (3, 'test.levels');
INSERT INTO marking VALUES (1, 'actual', 0, '[]');
INSERT INTO step VALUES (3, 1780272000000000);
INSERT INTO step VALUES (4, 1780272000000000);
INSERT INTO lane VALUES (1, 1, 'a', 2, 1, 1, 0, 1, 1, 0, 1780272000000000, 0, NULL, NULL, 63, 0, 139.7, 35.6, 139.7, 35.6, 1);
INSERT INTO lane VALUES (2, 1, 'gone', 2, 1, 0, 0, 1, 4, 0, 1780272060000000, 0, NULL, NULL, 63, 0, NULL, NULL, NULL, NULL, NULL);
INSERT INTO record VALUES (1, x'fbd6d844cba7a89b53fc2467ea42034f', 1, 1, 1, 0, 0, 1780272000000000, 0, 1780272000000000, NULL, NULL, NULL, '{"type":"Feature","id":"a","properties":{"number":0,"name":"0","flag":null,"seen_at":null,"parts":[],"record":"fbd6d844cba7a89b53fc2467ea42034f","start":null,"end":null,"said_at":"2026-06-01T00:00:00Z","recorded_at":"2026-06-01T00:00:00Z","source":"jma","status":"actual","disclosure":"CLEAR","audience":[]},"geometry":{"type":"Point","coordinates":[139.7,35.6]}}', '{}');
INSERT INTO record VALUES (2, x'5b56459c0df83739b31b01840533cc81', 2, 1, 1, 0, 0, 1780272000000000, 0, 1780272000000000, NULL, NULL, NULL, '{"type":"Feature","id":"gone","properties":{"number":0,"name":"0","flag":null,"seen_at":null,"parts":[],"record":"5b56459c0df83739b31b01840533cc81","start":null,"end":null,"said_at":"2026-06-01T00:00:00Z","recorded_at":"2026-06-01T00:00:00Z","source":"jma","status":"actual","disclosure":"CLEAR","audience":[]},"geometry":null}', '{}');
INSERT INTO record VALUES (4, x'dc18aa13c4e9bc4f610c6153b1c465a3', 2, 1, 1, 1, 0, 1780272060000000, 0, 1780272000000000, NULL, NULL, NULL, '{"type":"Feature","id":"gone","properties":{"number":1,"name":"1","flag":null,"seen_at":null,"parts":[],"record":"dc18aa13c4e9bc4f610c6153b1c465a3","start":null,"end":null,"said_at":"2026-06-01T00:01:00Z","recorded_at":"2026-06-01T00:00:00Z","source":"jma","status":"actual","disclosure":"CLEAR","audience":[]},"geometry":null}', '{}');
INSERT INTO place VALUES (1, 3906399750599767, 1, 139.7, 35.6, 139.7, 35.6, 1);
INSERT INTO series VALUES (1, 'levels.1', 'mlit', 1, 3, 'levels.1', 139.7, 35.6, 3906399750599767, 0, 3, '{"id":"levels.1","collection":"test.levels","thing":"levels.1","property":"level_m","unit":"m","source":"mlit","title":"","longitude":139.7,"latitude":35.6,"marking":{"status":"actual","disclosure":0,"audience":[]}}');
INSERT INTO reading VALUES (1, 1, 3, 1.0, 0);
INSERT INTO latest VALUES (1, 1, 3, 1.0, 0);
INSERT INTO batch VALUES (3, 3, 1, 1780272000000000, 1, '{}');
PRAGMA user_version = 1;
