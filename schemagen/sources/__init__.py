"""Files to blocks of whole records, and where their bytes lie."""
