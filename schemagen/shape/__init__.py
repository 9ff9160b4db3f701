"""Document to Model: the storage type of every schema node."""
