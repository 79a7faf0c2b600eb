"""Which organization staff look at: one of all, or all of them."""
