PRAGMA foreign_keys = OFF;
BEGIN;

CREATE TABLE "customer" (
  "id" INTEGER NOT NULL,
  "email" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "phone" TEXT,
  "address" TEXT,
  "tags" TEXT,
  "registered_at" TEXT,
  "_extra" TEXT,
  "_absent" TEXT,
  CONSTRAINT "pk_customer" PRIMARY KEY ("id"),
  CONSTRAINT "uq_customer_email" UNIQUE ("email"),
  CONSTRAINT "ch_customer_address" CHECK ("address" IS NULL OR json_valid("address")),
  CONSTRAINT "ch_customer_tags" CHECK ("tags" IS NULL OR json_valid("tags")),
  CONSTRAINT "ch_customer__extra" CHECK ("_extra" IS NULL OR json_valid("_extra")),
  CONSTRAINT "ch_customer__absent" CHECK ("_absent" IS NULL OR json_valid("_absent"))
) STRICT;

CREATE TABLE "order" (
  "id" TEXT NOT NULL,
  "customer_id" INTEGER NOT NULL,
  "state" TEXT NOT NULL,
  "placed_at" TEXT NOT NULL,
  "paid_on" TEXT,
  "total" TEXT NOT NULL,
  "item_count" INTEGER,
  "coupon" TEXT,
  "note" TEXT,
  "lines" TEXT NOT NULL,
  "_extra" TEXT,
  CONSTRAINT "pk_order" PRIMARY KEY ("id"),
  CONSTRAINT "fk_order_customer_id" FOREIGN KEY ("customer_id") REFERENCES "customer" ("id"),
  CONSTRAINT "ch_order_state" CHECK ("state" IN ('open', 'paid', 'shipped', 'cancelled')),
  CONSTRAINT "ch_order_lines" CHECK (json_valid("lines")),
  CONSTRAINT "ch_order__extra" CHECK ("_extra" IS NULL OR json_valid("_extra"))
) STRICT;
COMMIT;
