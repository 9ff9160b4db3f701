SET NAMES utf8mb4;
SET SESSION sql_mode = 'STRICT_TRANS_TABLES,STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,NO_AUTO_VALUE_ON_ZERO';
SET SESSION time_zone = '+00:00';
SET SESSION foreign_key_checks = 1;

CREATE TABLE `customer` (
  `id` bigint NOT NULL,
  `email` varchar(254) NOT NULL,
  `name` varchar(200) NOT NULL,
  `phone` longtext COMMENT 'null: has none; absent: never asked',
  `address` json,
  `tags` json,
  `registered_at` datetime(6),
  `_extra` json,
  `_absent` json,
  PRIMARY KEY (`id`),
  UNIQUE KEY `uq_customer_email` (`email`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='Somebody who has ordered at least once';

CREATE TABLE `order` (
  `id` binary(16) NOT NULL,
  `customer_id` bigint NOT NULL,
  `state` varchar(9) NOT NULL,
  `placed_at` datetime(6) NOT NULL,
  `paid_on` date,
  `total` decimal(10,2) NOT NULL COMMENT 'Gross amount in euro',
  `item_count` int,
  `coupon` varchar(40),
  `note` varchar(200),
  `lines` json NOT NULL,
  `_extra` json,
  PRIMARY KEY (`id`),
  CONSTRAINT `ch_order_state` CHECK (`state` IN ('open', 'paid', 'shipped', 'cancelled')),
  KEY `fk_order_customer_id` (`customer_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='What was bought, at what price, and how far it has come';
ALTER TABLE `order`
  ADD CONSTRAINT `fk_order_customer_id` FOREIGN KEY (`customer_id`) REFERENCES `customer` (`id`);
