SET NAMES utf8mb4;
SET SESSION sql_mode = 'STRICT_TRANS_TABLES,STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,NO_AUTO_VALUE_ON_ZERO';
SET SESSION time_zone = '+00:00';
SET SESSION foreign_key_checks = 1;

CREATE TABLE `user` (
  `id` bigint NOT NULL,
  `created_at` datetime(6) NOT NULL,
  `updated_at` datetime(6) NOT NULL,
  `deleted_at` datetime(6) COMMENT 'null while the user is not deleted',
  `workflow_state` varchar(8) NOT NULL,
  `uuid` binary(16) NOT NULL,
  `name` longtext NOT NULL COMMENT 'As shown to others',
  `short_name` varchar(255) NOT NULL,
  `homepage_url` longtext,
  `_extra` json,
  `_absent` json,
  PRIMARY KEY (`id`),
  CONSTRAINT `ch_user_workflow_state` CHECK (`workflow_state` IN ('active', 'inactive', 'deleted'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='A user of the learning platform';
