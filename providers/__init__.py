"""The services that generate answers, one file each, and the contract they keep."""
