SET standard_conforming_strings = on;
SET client_encoding = 'UTF8';
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, MDY';
SET client_min_messages = warning;
BEGIN;

CREATE TABLE "customer" (
  "id" bigint NOT NULL,
  "email" varchar(254) NOT NULL,
  "name" varchar(200) NOT NULL,
  "phone" text,
  "address" jsonb,
  "tags" text[],
  "registered_at" timestamptz,
  "_extra" jsonb,
  "_absent" jsonb,
  CONSTRAINT "pk_customer" PRIMARY KEY ("id"),
  CONSTRAINT "uq_customer_email" UNIQUE ("email")
);
COMMENT ON TABLE "customer" IS 'Somebody who has ordered at least once';
COMMENT ON COLUMN "customer"."phone" IS 'null: has none; absent: never asked';

CREATE TABLE "order" (
  "id" uuid NOT NULL,
  "customer_id" bigint NOT NULL,
  "state" varchar(9) NOT NULL,
  "placed_at" timestamptz NOT NULL,
  "paid_on" date,
  "total" numeric(10,2) NOT NULL,
  "item_count" integer,
  "coupon" varchar(40),
  "note" varchar(200),
  "lines" jsonb NOT NULL,
  "_extra" jsonb,
  CONSTRAINT "pk_order" PRIMARY KEY ("id"),
  CONSTRAINT "fk_order_customer_id" FOREIGN KEY ("customer_id") REFERENCES "customer" ("id"),
  CONSTRAINT "ch_order_state" CHECK ("state"::text IN ('open', 'paid', 'shipped', 'cancelled'))
);
COMMENT ON TABLE "order" IS 'What was bought, at what price, and how far it has come';
COMMENT ON COLUMN "order"."total" IS 'Gross amount in euro';
COMMIT;
