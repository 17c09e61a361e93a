"""Figures and lists that cross domains: what people look at first, and the rows behind each number.

Every function takes the picture of the record and who asks, and gives plain frozen data: no words, no page. A figure
says how it was made by a name and its numbers (`How`), and which rows it counts by the filter that lists them. Nobody
is shown a part of a trade that they may not see: `sight` masks each part by its own readers.

    tower    what is late, stuck, refused or at risk, by the asker's roles; volumes, money, release times
    orders   search, filters, sorting, pages and export of trades
    trade    one order whole: parts, timeline, match, tax, money, documents, trace
    lanes    countries of origin and destination, for the world view
"""
