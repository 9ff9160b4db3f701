SET TimeZone = 'UTC';
BEGIN;

CREATE TABLE "user" (
  "id" BIGINT NOT NULL,
  "created_at" TIMESTAMP WITH TIME ZONE NOT NULL,
  "updated_at" TIMESTAMP WITH TIME ZONE NOT NULL,
  "deleted_at" TIMESTAMP WITH TIME ZONE,
  "workflow_state" VARCHAR NOT NULL,
  "uuid" UUID NOT NULL,
  "name" VARCHAR NOT NULL,
  "short_name" VARCHAR NOT NULL,
  "homepage_url" VARCHAR,
  "_extra" JSON,
  "_absent" JSON,
  PRIMARY KEY ("id"),
  CHECK ("workflow_state" IN ('active', 'inactive', 'deleted'))
);
COMMENT ON TABLE "user" IS 'A user of the learning platform';
COMMENT ON COLUMN "user"."deleted_at" IS 'null while the user is not deleted';
COMMENT ON COLUMN "user"."name" IS 'As shown to others';
COMMIT;
