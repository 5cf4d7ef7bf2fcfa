"""`make bench`: time the steps of an assessment."""

from benchmarks.assess import main

main()
