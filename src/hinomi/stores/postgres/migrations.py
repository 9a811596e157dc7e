"""The steps from one released layout to the next: how small batches are appended, and the list."""

from hinomi.stores.postgres.schema import VERSION_1, VERSION_2, VERSION_3, VERSION_4

_APPEND_FEW = """{create} PROCEDURE append_few(
    lock_number bigint, clock bigint, told text, numbers integer[], definitions bigint[],
    firsts bigint[], lines integer[], marks smallint[], qualities smallint[], times bigint[],
    readings float8[], ends smallint[], collections integer[], seen integer[], counts integer[],
    INOUT next_position bigint
) LANGUAGE plpgsql AS $$
DECLARE
    now_at bigint;{declared}
BEGIN
{lock}    PERFORM FROM unnest(numbers, definitions, firsts) AS w (number, definition, first)
        LEFT JOIN hinomi.series s ON s.id = w.number
        LEFT JOIN hinomi.latest t ON t.series = w.number
        WHERE s.touched IS DISTINCT FROM w.definition OR t.time >= w.first LIMIT 1;
    IF FOUND THEN RETURN; END IF;
    SELECT s.last + 1, s.newest INTO next_position, now_at FROM hinomi.last_step(clock) s;
    INSERT INTO hinomi.reading (series, marking, quality, time, batch, value)
        SELECT w.line, w.mark, w.quality, w.moment, next_position, w.reading
        FROM unnest(lines, marks, qualities, times, readings)
            AS w (line, mark, quality, moment, reading);
    INSERT INTO hinomi.batch SELECT next_position, w.collection, w.mark, now_at, w.count, told
        FROM unnest(collections, seen, counts) AS w (collection, mark, count);
    INSERT INTO hinomi.latest AS l (series, marking, quality, time, batch, value)
        SELECT w.line, w.mark, w.quality, w.moment, next_position, w.reading
        FROM unnest(lines, marks, qualities, times, readings, ends)
            AS w (line, mark, quality, moment, reading, last) WHERE w.last = 1
        ON CONFLICT (series) DO UPDATE SET quality = excluded.quality, time = excluded.time,
            batch = excluded.batch, value = excluded.value;
    INSERT INTO hinomi.step VALUES (next_position, now_at);
    PERFORM pg_notify('hinomi', next_position::text);
    SET LOCAL synchronous_commit = off;
    COMMIT;
    PERFORM pg_logical_emit_message(true, 'hinomi', '');
END $$;
"""

_RUNNING = """
-- Has its row while the server runs: PostgreSQL empties an unlogged table after a crash, and on a
-- replica that takes over. Then what a reader saw of the last moment may be lost, so the next
-- position is one that nobody has seen.
CREATE UNLOGGED TABLE running (one boolean PRIMARY KEY DEFAULT true CHECK (one));
INSERT INTO running DEFAULT VALUES;
-- The last step, for who holds the writers' lock; after a crash, one far behind it.
CREATE FUNCTION last_step(clock bigint, OUT last bigint, OUT newest bigint)
LANGUAGE plpgsql AS $$
BEGIN
    SELECT s.position, s.at INTO last, newest FROM hinomi.step s ORDER BY s.position DESC LIMIT 1;
    last := coalesce(last, 0);
    newest := greatest(clock, newest);
    PERFORM FROM hinomi.running;
    IF NOT FOUND THEN
        last := last + 1000000;
        INSERT INTO hinomi.step VALUES (last, newest);
        INSERT INTO hinomi.running DEFAULT VALUES;
    END IF;
END $$;
-- Appends a small batch of readings that needs no decision, and gives its position; null, and
-- nothing is done, where a series has been defined anew or a row is not newer than the latest.
-- Rows come by series and time; "ends" marks each series' last. Each statement sees what was
-- committed when it began: the first one after the lock, all that was appended before.
-- The first commit does not wait for the disk, so that the next writer has the lock at once; the
-- second waits for both, with whoever else waits: one flush serves them all.
"""

VERSION_5 = _RUNNING + _APPEND_FEW.format(
    create="CREATE", declared="", lock="    PERFORM pg_advisory_xact_lock(lock_number);\n"
)

# A lock is handed to who waits in its queue, and nobody has it until that process gets a core: with
# eight writers on a busy machine it was held by sleepers. Who tries instead has it while it runs;
# who has tried for 20 ms waits in the queue, so that nobody waits for ever.
VERSION_6 = _APPEND_FEW.format(
    create="CREATE OR REPLACE",
    declared=" mine boolean := false;",
    lock="""    FOR turn IN 1 .. 20 LOOP
        mine := pg_try_advisory_xact_lock(lock_number);
        EXIT WHEN mine;
        PERFORM pg_sleep(0.001);
    END LOOP;
    IF NOT mine THEN PERFORM pg_advisory_xact_lock(lock_number); END IF;
""",
)

MIGRATIONS = (VERSION_1, VERSION_2, VERSION_3, VERSION_4, VERSION_5, VERSION_6)
"""In order; the table ``layout`` holds how many of them the database has taken. Never edit one that
was released: add another."""
