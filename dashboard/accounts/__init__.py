"""Settings → an account at a vendor: made from what the vendor declares."""
