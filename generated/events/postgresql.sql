SET standard_conforming_strings = on;
SET client_encoding = 'UTF8';
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, MDY';
SET client_min_messages = warning;
BEGIN;

CREATE TABLE "event" (
  "id" varchar(8) NOT NULL,
  "occurred_at" timestamptz NOT NULL,
  "kind" varchar(7) NOT NULL,
  "class" varchar(30),
  "full-name" text,
  "actor" jsonb NOT NULL,
  "details" jsonb,
  "labels" jsonb,
  "thread" jsonb,
  "trace" text,
  "attempt" bigint,
  "_extra" jsonb,
  "_absent" jsonb,
  CONSTRAINT "pk_event" PRIMARY KEY ("id"),
  CONSTRAINT "ch_event_kind" CHECK ("kind"::text IN ('created', 'renamed', 'removed'))
);
COMMENT ON TABLE "event" IS 'One thing that happened, as the audit API reports it';
COMMENT ON COLUMN "event"."class" IS 'Importance, by the sender''s own scale';
COMMENT ON COLUMN "event"."full-name" IS 'Full name of the object';
COMMENT ON COLUMN "event"."trace" IS 'null: not traced; absent: unknown';
COMMIT;
