"""One folder per dialect: what only that server knows."""
