"""The launcher: own servers, one supervisor, a home that outlives every kill."""
