"""The SQL picture of the record: every table, every transaction, every event, in SQLite or PostgreSQL.

The mirror is a follower. It reads the outcomes of blocks in order, writes what changed, and keeps in the same SQL
transaction the height it has reached; so it can stop, die or be dropped at any moment and go on, or start again at
height 0, without losing or doubling a row. Nothing that it holds is needed to decide anything.

`Follower` does this in a thread, `FollowerProcess` in a child process, `SqlPicture` answers queries from the result.
What follows from records without being one, such as the trace index (`trace`), is derived in the same SQL transaction.
The columns follow from the record types (`schema`); when those change, the mirror drops its tables and follows anew.

Text: a NUL character, which PostgreSQL cannot store, is shown as U+FFFD in both databases, so that they stay equal.
Text is compared and ordered by code point in both. Whole numbers are 64 bits.
"""
