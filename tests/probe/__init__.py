"""A vendor's app as small as can be: four sources, one handler, one effect that can be counted."""
