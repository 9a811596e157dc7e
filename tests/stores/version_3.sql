-- A store of layout 3, as it was released with Hinomi's second version; never changed.
CREATE TABLE batch (
    seq INTEGER NOT NULL, collection INTEGER NOT NULL, marking INTEGER NOT NULL,
    at INTEGER NOT NULL, rows INTEGER NOT NULL, origin TEXT NOT NULL,
    PRIMARY KEY (seq, collection, marking)
) WITHOUT ROWID;
CREATE TABLE complete (
    id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, collection INTEGER NOT NULL,
    source INTEGER NOT NULL, marking INTEGER NOT NULL, said_at INTEGER NOT NULL,
    keys TEXT NOT NULL, origin TEXT NOT NULL
);
CREATE TABLE cover (
    collection INTEGER NOT NULL, source INTEGER NOT NULL, marking INTEGER NOT NULL,
    entry TEXT NOT NULL, said_at INTEGER NOT NULL,
    complete INTEGER NOT NULL REFERENCES complete (id),
    PRIMARY KEY (collection, source, marking, entry, said_at, complete)
) WITHOUT ROWID;
CREATE TABLE delivery (
    record INTEGER NOT NULL REFERENCES record (seq), at INTEGER NOT NULL, origin TEXT NOT NULL,
    UNIQUE (record, origin)
);
CREATE TABLE former_place (
    collection INTEGER NOT NULL, cell INTEGER NOT NULL, lane INTEGER NOT NULL,
    west REAL NOT NULL, south REAL NOT NULL, east REAL NOT NULL, north REAL NOT NULL,
    since INTEGER NOT NULL, until INTEGER NOT NULL, PRIMARY KEY (collection, cell, lane, since)
) WITHOUT ROWID;
INSERT INTO "former_place" VALUES(1,3906399750599767,4,139.7,35.6,139.7,35.6,4,7);
CREATE TABLE lane (
    id INTEGER PRIMARY KEY, collection INTEGER NOT NULL, key TEXT NOT NULL,
    source INTEGER NOT NULL, marking INTEGER NOT NULL,
    stands INTEGER NOT NULL, multi INTEGER NOT NULL, shown INTEGER NOT NULL,
    seq INTEGER NOT NULL, rank INTEGER NOT NULL, said_at INTEGER NOT NULL, serial INTEGER NOT NULL,
    start INTEGER, "end" INTEGER, span INTEGER NOT NULL, moment INTEGER NOT NULL,
    west REAL, south REAL, east REAL, north REAL, since INTEGER
);
INSERT INTO "lane" VALUES(1,1,'a',2,1,1,0,1,6,0,1780272120000000,0,NULL,NULL,63,0,139.7,35.6,139.7,35.6,1);
INSERT INTO "lane" VALUES(2,1,'two',2,1,1,1,1,2,0,1780272000000000,0,NULL,NULL,63,0,139.8,35.6,139.8,35.6,2);
INSERT INTO "lane" VALUES(3,1,'two',3,1,1,1,1,3,0,1780272060000000,0,NULL,NULL,63,0,139.8,35.7,139.8,35.7,3);
INSERT INTO "lane" VALUES(4,1,'gone',2,1,0,0,1,7,0,1780272120000000,0,NULL,NULL,63,0,NULL,NULL,NULL,NULL,7);
INSERT INTO "lane" VALUES(5,1,'secret',2,1,1,0,2,5,0,1780272000000000,0,NULL,NULL,63,0,139.6,35.6,139.6,35.6,5);
CREATE TABLE latest (
    series INTEGER PRIMARY KEY REFERENCES series (id), time INTEGER NOT NULL,
    batch INTEGER NOT NULL, value REAL, quality INTEGER NOT NULL
);
CREATE TABLE made (
    input BLOB NOT NULL, record INTEGER NOT NULL REFERENCES record (seq),
    PRIMARY KEY (input, record)
) WITHOUT ROWID;
CREATE TABLE marking (
    id INTEGER PRIMARY KEY, status TEXT NOT NULL, disclosure INTEGER NOT NULL,
    audience TEXT NOT NULL, UNIQUE (status, disclosure, audience)
);
INSERT INTO "marking" VALUES(1,'actual',0,'[]');
INSERT INTO "marking" VALUES(2,'actual',2,'["town"]');
CREATE TABLE name (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
INSERT INTO "name" VALUES(1,'test.sightings');
INSERT INTO "name" VALUES(2,'jma');
INSERT INTO "name" VALUES(3,'mlit');
CREATE TABLE "place" (
    collection INTEGER NOT NULL, cell INTEGER NOT NULL, lane INTEGER NOT NULL,
    west REAL NOT NULL, south REAL NOT NULL, east REAL NOT NULL, north REAL NOT NULL,
    since INTEGER NOT NULL, seq INTEGER NOT NULL, shown INTEGER NOT NULL, multi INTEGER NOT NULL,
    PRIMARY KEY (collection, cell, lane)
) WITHOUT ROWID;
INSERT INTO "place" VALUES(1,3906399477784918,5,139.6,35.6,139.6,35.6,5,5,2,0);
INSERT INTO "place" VALUES(1,3906399750599767,1,139.7,35.6,139.7,35.6,1,6,1,0);
INSERT INTO "place" VALUES(1,3906400602107906,2,139.8,35.6,139.8,35.6,2,2,1,1);
INSERT INTO "place" VALUES(1,3906407078279200,3,139.8,35.7,139.8,35.7,3,3,1,1);
CREATE TABLE reading (
    series INTEGER NOT NULL, time INTEGER NOT NULL, batch INTEGER NOT NULL,
    value REAL, quality INTEGER NOT NULL, PRIMARY KEY (series, time, batch)
) WITHOUT ROWID;
CREATE TABLE record (
    seq INTEGER PRIMARY KEY, id BLOB NOT NULL, lane INTEGER NOT NULL REFERENCES lane (id),
    ever INTEGER NOT NULL, marking INTEGER NOT NULL, retracts INTEGER NOT NULL,
    rank INTEGER NOT NULL, said_at INTEGER NOT NULL, serial INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL, start INTEGER, "end" INTEGER,
    shape INTEGER REFERENCES shape (id), feature TEXT NOT NULL, origin TEXT NOT NULL
);
INSERT INTO "record" VALUES(1,X'FBD6D844CBA7A89B53FC2467EA42034F',1,1,1,0,0,1780272000000000,0,1780272000000000,NULL,NULL,NULL,'{"type":"Feature","id":"a","properties":{"number":0,"name":"0","flag":null,"seen_at":null,"parts":[],"record":"fbd6d844cba7a89b53fc2467ea42034f","start":null,"end":null,"said_at":"2026-06-01T00:00:00Z","recorded_at":"2026-06-01T00:00:00Z","source":"jma","status":"actual","disclosure":"CLEAR","audience":[]},"geometry":{"type":"Point","coordinates":[139.7,35.6]}}','{}');
INSERT INTO "record" VALUES(2,X'CC7EED45307759F554632B456FCC2868',2,1,1,0,0,1780272000000000,0,1780272000000000,NULL,NULL,NULL,'{"type":"Feature","id":"two","properties":{"number":0,"name":"0","flag":null,"seen_at":null,"parts":[],"record":"cc7eed45307759f554632b456fcc2868","start":null,"end":null,"said_at":"2026-06-01T00:00:00Z","recorded_at":"2026-06-01T00:00:00Z","source":"jma","status":"actual","disclosure":"CLEAR","audience":[]},"geometry":{"type":"Point","coordinates":[139.8,35.6]}}','{}');
INSERT INTO "record" VALUES(3,X'3ACB9D8D2A05A7DDAFC38BCF49413D03',3,1,1,0,0,1780272060000000,0,1780272000000000,NULL,NULL,NULL,'{"type":"Feature","id":"two","properties":{"number":1,"name":"1","flag":null,"seen_at":null,"parts":[],"record":"3acb9d8d2a05a7ddafc38bcf49413d03","start":null,"end":null,"said_at":"2026-06-01T00:01:00Z","recorded_at":"2026-06-01T00:00:00Z","source":"mlit","status":"actual","disclosure":"CLEAR","audience":[]},"geometry":{"type":"Point","coordinates":[139.8,35.7]}}','{}');
INSERT INTO "record" VALUES(4,X'B8C257B885204E16B6602B468905F981',4,1,1,0,0,1780272000000000,0,1780272000000000,NULL,NULL,NULL,'{"type":"Feature","id":"gone","properties":{"number":0,"name":"0","flag":null,"seen_at":null,"parts":[],"record":"b8c257b885204e16b6602b468905f981","start":null,"end":null,"said_at":"2026-06-01T00:00:00Z","recorded_at":"2026-06-01T00:00:00Z","source":"jma","status":"actual","disclosure":"CLEAR","audience":[]},"geometry":{"type":"Point","coordinates":[139.7,35.6]}}','{}');
INSERT INTO "record" VALUES(5,X'33598BAD5B7C8D3D8C06CFDAD4D78CD5',5,1,2,0,0,1780272000000000,0,1780272000000000,NULL,NULL,NULL,'{"type":"Feature","id":"secret","properties":{"number":0,"name":"0","flag":null,"seen_at":null,"parts":[],"record":"33598bad5b7c8d3d8c06cfdad4d78cd5","start":null,"end":null,"said_at":"2026-06-01T00:00:00Z","recorded_at":"2026-06-01T00:00:00Z","source":"jma","status":"actual","disclosure":"AMBER","audience":["town"]},"geometry":{"type":"Point","coordinates":[139.6,35.6]}}','{}');
INSERT INTO "record" VALUES(6,X'5A87680A324F09C0BB513CFFD51D40E6',1,1,1,0,0,1780272120000000,0,1780272000000000,NULL,NULL,NULL,'{"type":"Feature","id":"a","properties":{"number":2,"name":"2","flag":null,"seen_at":null,"parts":[],"record":"5a87680a324f09c0bb513cffd51d40e6","start":null,"end":null,"said_at":"2026-06-01T00:02:00Z","recorded_at":"2026-06-01T00:00:00Z","source":"jma","status":"actual","disclosure":"CLEAR","audience":[]},"geometry":{"type":"Point","coordinates":[139.7,35.6]}}','{}');
INSERT INTO "record" VALUES(7,X'0B6E7368539BBA3178A397D86E89A1E0',4,1,1,1,0,1780272120000000,0,1780272000000000,NULL,NULL,NULL,'{"type":"Feature","id":"gone","properties":{"number":2,"name":"2","flag":null,"seen_at":null,"parts":[],"record":"0b6e7368539bba3178a397d86e89a1e0","start":null,"end":null,"said_at":"2026-06-01T00:02:00Z","recorded_at":"2026-06-01T00:00:00Z","source":"jma","status":"actual","disclosure":"CLEAR","audience":[]},"geometry":null}','{}');
CREATE TABLE remark (
    seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, collection INTEGER NOT NULL, key TEXT NOT NULL,
    source INTEGER NOT NULL, old INTEGER NOT NULL, new INTEGER NOT NULL
);
INSERT INTO "remark" VALUES(8,1780272000000000,1,'secret',2,1,2);
CREATE TABLE series (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, source TEXT NOT NULL, marking INTEGER NOT NULL,
    collection INTEGER NOT NULL, thing TEXT NOT NULL, longitude REAL, latitude REAL, cell INTEGER,
    corrected INTEGER NOT NULL DEFAULT 0, touched INTEGER NOT NULL, definition TEXT NOT NULL,
    UNIQUE (name, source, marking)
);
CREATE TABLE shape (id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, data BLOB NOT NULL);
CREATE TABLE step (position INTEGER PRIMARY KEY, at INTEGER NOT NULL);
INSERT INTO "step" VALUES(2,1780272000000000);
INSERT INTO "step" VALUES(5,1780272000000000);
INSERT INTO "step" VALUES(7,1780272000000000);
INSERT INTO "step" VALUES(8,1780272000000000);
CREATE TABLE tally (
    collection INTEGER NOT NULL, marking INTEGER NOT NULL, things INTEGER NOT NULL,
    PRIMARY KEY (collection, marking)
) WITHOUT ROWID;
INSERT INTO "tally" VALUES(1,1,2);
INSERT INTO "tally" VALUES(1,2,1);
CREATE INDEX step_at ON step (at);
CREATE UNIQUE INDEX lane_name ON lane (collection, key, source, marking);
CREATE UNIQUE INDEX record_id ON record (id);
CREATE INDEX record_lane ON record (lane, ever, seq);
CREATE INDEX complete_scope ON complete (collection, source, marking, said_at);
CREATE INDEX series_place ON series (collection, cell);
CREATE INDEX series_thing ON series (collection, thing);
CREATE INDEX lane_standing ON lane (collection, key, source, marking) WHERE stands = 1;
CREATE INDEX lane_when ON lane (collection, span, moment) WHERE stands = 1;
CREATE INDEX lane_end ON lane (collection, "end") WHERE stands = 1 AND "end" IS NOT NULL;
CREATE INDEX series_touched ON series (touched);
PRAGMA user_version = 3;
