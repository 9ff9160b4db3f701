PRAGMA foreign_keys = OFF;
BEGIN;

CREATE TABLE "user" (
  "id" INTEGER NOT NULL,
  "created_at" TEXT NOT NULL,
  "updated_at" TEXT NOT NULL,
  "deleted_at" TEXT,
  "workflow_state" TEXT NOT NULL,
  "uuid" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "short_name" TEXT NOT NULL,
  "homepage_url" TEXT,
  "_extra" TEXT,
  "_absent" TEXT,
  CONSTRAINT "pk_user" PRIMARY KEY ("id"),
  CONSTRAINT "ch_user_workflow_state" CHECK ("workflow_state" IN ('active', 'inactive', 'deleted')),
  CONSTRAINT "ch_user__extra" CHECK ("_extra" IS NULL OR json_valid("_extra")),
  CONSTRAINT "ch_user__absent" CHECK ("_absent" IS NULL OR json_valid("_absent"))
) STRICT;
COMMIT;
