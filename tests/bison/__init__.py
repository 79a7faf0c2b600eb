"""Email Bison: its instances, workspaces and what comes of them."""
