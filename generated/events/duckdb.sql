SET TimeZone = 'UTC';
BEGIN;

CREATE TABLE "event" (
  "id" VARCHAR NOT NULL,
  "occurred_at" TIMESTAMP WITH TIME ZONE NOT NULL,
  "kind" VARCHAR NOT NULL,
  "class" VARCHAR,
  "full-name" VARCHAR,
  "actor" JSON NOT NULL,
  "details" JSON,
  "labels" JSON,
  "thread" JSON,
  "trace" VARCHAR,
  "attempt" BIGINT,
  "_extra" JSON,
  "_absent" JSON,
  PRIMARY KEY ("id"),
  CHECK ("kind" IN ('created', 'renamed', 'removed'))
);
COMMENT ON TABLE "event" IS 'One thing that happened, as the audit API reports it';
COMMENT ON COLUMN "event"."class" IS 'Importance, by the sender''s own scale';
COMMENT ON COLUMN "event"."full-name" IS 'Full name of the object';
COMMENT ON COLUMN "event"."trace" IS 'null: not traced; absent: unknown';
COMMIT;
