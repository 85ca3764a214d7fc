"""A picture of the dashboard: its own queries, a real run, Grafana's own components."""
