SET NAMES utf8mb4;
SET SESSION sql_mode = 'STRICT_TRANS_TABLES,STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,NO_AUTO_VALUE_ON_ZERO';
SET SESSION time_zone = '+00:00';
SET SESSION foreign_key_checks = 1;

CREATE TABLE `event` (
  `id` varchar(8) NOT NULL,
  `occurred_at` datetime(6) NOT NULL,
  `kind` varchar(7) NOT NULL,
  `class` varchar(30) COMMENT 'Importance, by the sender''s own scale',
  `full-name` longtext COMMENT 'Full name of the object',
  `actor` json NOT NULL,
  `details` json,
  `labels` json,
  `thread` json,
  `trace` longtext COMMENT 'null: not traced; absent: unknown',
  `attempt` bigint,
  `_extra` json,
  `_absent` json,
  PRIMARY KEY (`id`),
  CONSTRAINT `ch_event_kind` CHECK (`kind` IN ('created', 'renamed', 'removed'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='One thing that happened, as the audit API reports it';
