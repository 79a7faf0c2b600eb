"""What `make check` and `make fix` run."""
