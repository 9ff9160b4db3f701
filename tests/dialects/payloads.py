"""Texts that break out of careless quoting, for literals, comments and names of every dialect."""

from __future__ import annotations

from hypothesis import strategies as st

BREAKOUTS = (
    "'", "''", "\\", "\\'", "\\\\'", "\\\\", "x\\' COMMENT='' ENGINE=MyISAM -- ", "'); DROP TABLE t; --", "\"; DROP TABLE t; --",
    "\\'; create table pwned(i int);--", "*/ /*!50000 x */", "/*M! x */", "$$; $1 %s %(a)s {} {0} :a ?", "x\n\\! touch P\nDROP TABLE t;--",
    "\n.shell x\n", "delimiter //\n", "\r\n", "tab\there", "`", '"',
    "U&\"\\0041\"", "#", "-- ", "日本語", "😀", "\u202e", "\u200b", "ÿ", "e\u0301",
)  # fmt: skip
# Every character of one byte, in pieces that a column of 255 characters can hold.
LATIN = tuple("".join(chr(code) for code in range(start, start + 64)) for start in range(0, 256, 64))
TEXTS = (*BREAKOUTS, *LATIN)

names = st.text(st.characters(exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp")), min_size=1, max_size=80) | st.sampled_from(
    [text for text in BREAKOUTS if text.isprintable()]
)
