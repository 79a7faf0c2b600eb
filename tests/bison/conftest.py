"""What every test of Email Bison may use beside the stand-in."""
