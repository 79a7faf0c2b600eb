"""What only a trial or a test needs: servers, stand-in vendors, demo data, launcher.
Production never imports it.
"""
