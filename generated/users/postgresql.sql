SET standard_conforming_strings = on;
SET client_encoding = 'UTF8';
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, MDY';
SET client_min_messages = warning;
BEGIN;

CREATE TABLE "user" (
  "id" bigint NOT NULL,
  "created_at" timestamptz NOT NULL,
  "updated_at" timestamptz NOT NULL,
  "deleted_at" timestamptz,
  "workflow_state" varchar(8) NOT NULL,
  "uuid" uuid NOT NULL,
  "name" text NOT NULL,
  "short_name" varchar(255) NOT NULL,
  "homepage_url" text,
  "_extra" jsonb,
  "_absent" jsonb,
  CONSTRAINT "pk_user" PRIMARY KEY ("id"),
  CONSTRAINT "ch_user_workflow_state" CHECK ("workflow_state"::text IN ('active', 'inactive', 'deleted'))
);
COMMENT ON TABLE "user" IS 'A user of the learning platform';
COMMENT ON COLUMN "user"."deleted_at" IS 'null while the user is not deleted';
COMMENT ON COLUMN "user"."name" IS 'As shown to others';
COMMIT;
