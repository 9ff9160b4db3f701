PRAGMA foreign_keys = OFF;
BEGIN;

CREATE TABLE "event" (
  "id" TEXT NOT NULL,
  "occurred_at" TEXT NOT NULL,
  "kind" TEXT NOT NULL,
  "class" TEXT,
  "full-name" TEXT,
  "actor" TEXT NOT NULL,
  "details" TEXT,
  "labels" TEXT,
  "thread" TEXT,
  "trace" TEXT,
  "attempt" INTEGER,
  "_extra" TEXT,
  "_absent" TEXT,
  CONSTRAINT "pk_event" PRIMARY KEY ("id"),
  CONSTRAINT "ch_event_kind" CHECK ("kind" IN ('created', 'renamed', 'removed')),
  CONSTRAINT "ch_event_actor" CHECK (json_valid("actor")),
  CONSTRAINT "ch_event_details" CHECK ("details" IS NULL OR json_valid("details")),
  CONSTRAINT "ch_event_labels" CHECK ("labels" IS NULL OR json_valid("labels")),
  CONSTRAINT "ch_event_thread" CHECK ("thread" IS NULL OR json_valid("thread")),
  CONSTRAINT "ch_event__extra" CHECK ("_extra" IS NULL OR json_valid("_extra")),
  CONSTRAINT "ch_event__absent" CHECK ("_absent" IS NULL OR json_valid("_absent"))
) STRICT;
COMMIT;
