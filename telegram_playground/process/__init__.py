"""Process: what a program of this package begins and ends with: what operators type, time, tasks, signals."""
