"""Scenarios: people, groups and messages that are there when a server starts, and what was done there as a test."""
