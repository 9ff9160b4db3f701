BEGIN;

CREATE TABLE "event" (
  "id" varchar(8) NOT NULL,
  "occurred_at" timestamp with time zone NOT NULL,
  "kind" varchar(7) NOT NULL,
  "class" varchar(30),
  "full-name" text,
  "actor" json NOT NULL,
  "details" json,
  "labels" json,
  "thread" json,
  "trace" text,
  "attempt" bigint,
  "_extra" json,
  "_absent" json,
  CONSTRAINT "pk_event" PRIMARY KEY ("id"),
  CONSTRAINT "ch_event_kind" CHECK ("kind" IN ('created', 'renamed', 'removed'))
);
COMMIT;
