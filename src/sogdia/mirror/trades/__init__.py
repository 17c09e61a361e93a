"""The trade table: one narrow row for each order, made of its parts, so that lists and figures need not join them.

It is derived from records in the SQL transaction that writes them (`mirror.derived`). A row keeps, for each part that
it tells of (order, payment, parcel, list), the number of that part's readers: whoever asks is shown the parts that it
may see and nothing of the others (`mirror.picture.SqlPicture.readable`).

`trade_number` finds a trade by what people type: numbers of its order, payments, parcels and lists, and SKUs.
`trade_step` says which announced events are of which trade. A node that joined by a snapshot has no steps before it.
"""
