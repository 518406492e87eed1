"""One gate for files: what a file is, found before its first bar is used.

A file that is read with a wrong assumption gives bars that look right. So it is looked at once
before it is played, and each assumption is judged against the file's own rows:

    container.py   bytes to lines: gzip, zip or none by their first bytes; the encoding
    layouts.py     lines to columns: separator, header, whose export it is
    numbers.py     texts to prices and counts: decimal and thousands marks
    stamps.py      texts to UTC: order of the date, clock, epoch, zone
    names.py       whose prices: contract months and price kind in names
    scan.py        one pass over the stamps of the whole file, twelve bytes a bar
    judgements.py  order, period, stamped end, roll: a finding, or a refusal
    clock.py       bars against the hours in which index futures trade
    contract_choice.py: which month the bars are of
    columns.py     columns that repeat each other, compared in the first rows
    recognition.py: all of it, in the order in which one rests on the other

Rule: what cannot be decided from the file is refused, with the option that decides it.
"""
