"""`make bench`: time the steps of an assessment, then the plume models beside their peers."""

from benchmarks import plume_speed
from benchmarks.assess import main

main()
plume_speed.main()
