"""Two catalogs to a Plan."""
