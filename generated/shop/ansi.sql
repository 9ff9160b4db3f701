BEGIN;

CREATE TABLE "customer" (
  "id" bigint NOT NULL,
  "email" varchar(254) NOT NULL,
  "name" varchar(200) NOT NULL,
  "phone" text,
  "address" json,
  "tags" text array,
  "registered_at" timestamp with time zone,
  "_extra" json,
  "_absent" json,
  CONSTRAINT "pk_customer" PRIMARY KEY ("id"),
  CONSTRAINT "uq_customer_email" UNIQUE ("email")
);

CREATE TABLE "order" (
  "id" uuid NOT NULL,
  "customer_id" bigint NOT NULL,
  "state" varchar(9) NOT NULL,
  "placed_at" timestamp with time zone NOT NULL,
  "paid_on" date,
  "total" numeric(10,2) NOT NULL,
  "item_count" integer,
  "coupon" varchar(40),
  "note" varchar(200),
  "lines" json NOT NULL,
  "_extra" json,
  CONSTRAINT "pk_order" PRIMARY KEY ("id"),
  CONSTRAINT "ch_order_state" CHECK ("state" IN ('open', 'paid', 'shipped', 'cancelled'))
);
ALTER TABLE "order" ADD CONSTRAINT "fk_order_customer_id" FOREIGN KEY ("customer_id") REFERENCES "customer" ("id");
COMMIT;
