"""`make bench`: run every benchmark and print its ratios."""

from benchmarks.browse import measure_browse

for measured in measure_browse():
    print(measured)
