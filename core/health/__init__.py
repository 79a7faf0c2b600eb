"""What can be said of the installation from outside.

readiness      each part, asked with a limit of its own
heartbeats     signs of life of workers and the beat
metrics        numbers for Prometheus
counters       counts that all processes share
logs           one JSON object a line, without secrets
error_reports  error pages without secrets
"""
