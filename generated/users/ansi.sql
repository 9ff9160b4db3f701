BEGIN;

CREATE TABLE "user" (
  "id" bigint NOT NULL,
  "created_at" timestamp with time zone NOT NULL,
  "updated_at" timestamp with time zone NOT NULL,
  "deleted_at" timestamp with time zone,
  "workflow_state" varchar(8) NOT NULL,
  "uuid" uuid NOT NULL,
  "name" text NOT NULL,
  "short_name" varchar(255) NOT NULL,
  "homepage_url" text,
  "_extra" json,
  "_absent" json,
  CONSTRAINT "pk_user" PRIMARY KEY ("id"),
  CONSTRAINT "ch_user_workflow_state" CHECK ("workflow_state" IN ('active', 'inactive', 'deleted'))
);
COMMIT;
