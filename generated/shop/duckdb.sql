SET TimeZone = 'UTC';
BEGIN;

CREATE TABLE "customer" (
  "id" BIGINT NOT NULL,
  "email" VARCHAR NOT NULL,
  "name" VARCHAR NOT NULL,
  "phone" VARCHAR,
  "address" JSON,
  "tags" VARCHAR[],
  "registered_at" TIMESTAMP WITH TIME ZONE,
  "_extra" JSON,
  "_absent" JSON,
  PRIMARY KEY ("id"),
  UNIQUE ("email")
);
COMMENT ON TABLE "customer" IS 'Somebody who has ordered at least once';
COMMENT ON COLUMN "customer"."phone" IS 'null: has none; absent: never asked';

CREATE TABLE "order" (
  "id" UUID NOT NULL,
  "customer_id" BIGINT NOT NULL,
  "state" VARCHAR NOT NULL,
  "placed_at" TIMESTAMP WITH TIME ZONE NOT NULL,
  "paid_on" DATE,
  "total" DECIMAL(10,2) NOT NULL,
  "item_count" INTEGER,
  "coupon" VARCHAR,
  "note" VARCHAR,
  "lines" JSON NOT NULL,
  "_extra" JSON,
  PRIMARY KEY ("id"),
  FOREIGN KEY ("customer_id") REFERENCES "customer" ("id"),
  CHECK ("state" IN ('open', 'paid', 'shipped', 'cancelled'))
);
COMMENT ON TABLE "order" IS 'What was bought, at what price, and how far it has come';
COMMENT ON COLUMN "order"."total" IS 'Gross amount in euro';
COMMIT;
