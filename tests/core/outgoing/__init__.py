"""What was asked of vendors, read back."""
