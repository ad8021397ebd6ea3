-- Schema 1. Frozen: what was released is never edited; a change is a new file.

-- One row for each life of the queue, in the order in which they began. The last one records.
CREATE TABLE queue (
    number       INTEGER PRIMARY KEY,
    epoch        TEXT NOT NULL UNIQUE,
    next_seq     INTEGER NOT NULL,
    -- What the server last said it holds without a gap.
    held_through INTEGER NOT NULL
) STRICT;

-- Every event: its bytes for ever, and what became of it.
CREATE TABLE event (
    number      INTEGER PRIMARY KEY,
    queue       INTEGER NOT NULL REFERENCES queue (number),
    seq         INTEGER NOT NULL,
    id          TEXT NOT NULL,
    text        TEXT NOT NULL,
    hash        BLOB NOT NULL,
    -- What the label was bound to when it was scanned (JSON), as far as the phone knew.
    target      TEXT,
    -- waiting, applied, rejected, dismissed (a rejected one that the person has settled), damaged
    state       TEXT NOT NULL,
    -- Whether the server can never have it: its bytes are damaged, or are refused as a request.
    unsendable  INTEGER NOT NULL DEFAULT 0,
    -- Why it was rejected (JSON).
    rejection   TEXT,
    -- As which device it was answered, and when by the server's clock.
    device      TEXT,
    answered_us INTEGER,
    UNIQUE (queue, seq)
) STRICT;
CREATE INDEX event_waiting ON event (queue, seq) WHERE state = 'waiting';
CREATE INDEX event_rejected ON event (queue, seq) WHERE state = 'rejected';

-- Whose phone this is (JSON); at most one row.
CREATE TABLE identity (
    one  INTEGER PRIMARY KEY CHECK (one = 1),
    json TEXT NOT NULL
) STRICT;

-- What the server last said; exactly one row.
CREATE TABLE server (
    one                   INTEGER PRIMARY KEY CHECK (one = 1),
    incarnation           TEXT,
    -- The server's clock and the phone's at one moment (JSON).
    time_reference        TEXT,
    -- The person's state (JSON).
    me                    TEXT,
    directory_cursor      TEXT,
    directory_incarnation TEXT,
    last_success_us       INTEGER,
    last_problem          TEXT,
    last_problem_us       INTEGER
) STRICT;
INSERT INTO server (one) VALUES (1);

-- The directory, an entry a row (JSON).
CREATE TABLE directory (
    kind TEXT NOT NULL,
    id   TEXT NOT NULL,
    json TEXT NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

-- The labels that exist, as they were signed; at most one row.
CREATE TABLE catalogue (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    version INTEGER NOT NULL,
    json    TEXT NOT NULL
) STRICT;

-- Records that were saved and could not be read back after damage.
CREATE TABLE loss (
    number      INTEGER PRIMARY KEY,
    epoch       TEXT NOT NULL,
    first_seq   INTEGER NOT NULL,
    last_seq    INTEGER NOT NULL,
    found_us    INTEGER NOT NULL,
    -- Whether the person, and the server, have been told.
    person_told INTEGER NOT NULL DEFAULT 0,
    server_told INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Until when a day's reminders are put off.
CREATE TABLE snooze (
    date     TEXT PRIMARY KEY,
    until_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
