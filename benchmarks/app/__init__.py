"""One webhook source, whose handler does nothing."""
