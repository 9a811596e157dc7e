"""The SQLite file's layout, step by step: a new file takes every step, an old one the rest."""

from __future__ import annotations

VERSION_1 = """
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
"""

# Kept counts, and pages of what stands or happens at a time that cost the same in any table.
VERSION_2 = """
CREATE TABLE tally (
    collection INTEGER NOT NULL, marking INTEGER NOT NULL, things INTEGER NOT NULL,
    PRIMARY KEY (collection, marking)
) WITHOUT ROWID;
INSERT INTO tally
    SELECT collection, shown, count(DISTINCT key) FROM lane WHERE stands = 1 GROUP BY 1, 2;
INSERT INTO tally SELECT collection, marking, count(DISTINCT name) FROM series WHERE true
    GROUP BY 1, 2
    ON CONFLICT (collection, marking) DO UPDATE SET things = things + excluded.things;
CREATE INDEX lane_standing ON lane (collection, key, source, marking) WHERE stands = 1;
CREATE INDEX lane_when ON lane (collection, span, moment) WHERE stands = 1;
CREATE INDEX lane_end ON lane (collection, "end") WHERE stands = 1 AND "end" IS NOT NULL;
CREATE INDEX series_touched ON series (touched);
"""

# A place knows its lane's statement, marking and company: a page goes straight from the place to
# the statement, and a count looks at nothing else.
VERSION_3 = """
CREATE TABLE standing_place (
    collection INTEGER NOT NULL, cell INTEGER NOT NULL, lane INTEGER NOT NULL,
    west REAL NOT NULL, south REAL NOT NULL, east REAL NOT NULL, north REAL NOT NULL,
    since INTEGER NOT NULL, seq INTEGER NOT NULL, shown INTEGER NOT NULL, multi INTEGER NOT NULL,
    PRIMARY KEY (collection, cell, lane)
) WITHOUT ROWID;
INSERT INTO standing_place
    SELECT p.collection, p.cell, p.lane, p.west, p.south, p.east, p.north, p.since,
        l.seq, l.shown, l.multi
    FROM place p CROSS JOIN lane l ON l.id = p.lane ORDER BY p.collection, p.cell, p.lane;
DROP TABLE place;
ALTER TABLE standing_place RENAME TO place;
"""

# How many things stand alone in each square of the grid (2^12 by 2^12), by the marking that holds:
# a count reads a square that lies inside its box as one row. Triggers keep it, whoever writes.
VERSION_4 = """
CREATE TABLE crowd (
    collection INTEGER NOT NULL, cell INTEGER NOT NULL, shown INTEGER NOT NULL,
    things INTEGER NOT NULL, PRIMARY KEY (collection, cell, shown)
) WITHOUT ROWID;
INSERT INTO crowd SELECT collection, cell >> 28, shown, count(*) FROM place
    WHERE cell < 1 << 52 AND multi = 0 GROUP BY 1, 2, 3;
CREATE INDEX place_shared ON place (collection, cell) WHERE multi = 1;
CREATE TRIGGER place_comes AFTER INSERT ON place WHEN NEW.cell < 1 << 52 AND NEW.multi = 0
BEGIN
    INSERT INTO crowd VALUES (NEW.collection, NEW.cell >> 28, NEW.shown, 1)
        ON CONFLICT DO UPDATE SET things = things + 1;
END;
CREATE TRIGGER place_goes AFTER DELETE ON place WHEN OLD.cell < 1 << 52 AND OLD.multi = 0
BEGIN
    UPDATE crowd SET things = things - 1
        WHERE collection = OLD.collection AND cell = OLD.cell >> 28 AND shown = OLD.shown;
    DELETE FROM crowd WHERE collection = OLD.collection AND cell = OLD.cell >> 28
        AND shown = OLD.shown AND things = 0;
END;
CREATE TRIGGER place_changes AFTER UPDATE OF shown, multi ON place
    WHEN OLD.cell < 1 << 52 AND (OLD.shown, OLD.multi) <> (NEW.shown, NEW.multi)
BEGIN
    UPDATE crowd SET things = things - 1 WHERE OLD.multi = 0
        AND collection = OLD.collection AND cell = OLD.cell >> 28 AND shown = OLD.shown;
    DELETE FROM crowd WHERE collection = OLD.collection AND cell = OLD.cell >> 28
        AND shown = OLD.shown AND things = 0;
    INSERT INTO crowd SELECT NEW.collection, NEW.cell >> 28, NEW.shown, 1 WHERE NEW.multi = 0
        ON CONFLICT DO UPDATE SET things = things + 1;
END;
"""

MIGRATIONS = (VERSION_1, VERSION_2, VERSION_3, VERSION_4)
"""In order; the file's ``user_version`` is how many of them it has taken. Never edit one that was
released: add another."""
