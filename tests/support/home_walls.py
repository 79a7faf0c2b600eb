"""What of the home page the walls between organizations are held to:
each is about the person who asks.
"""

OWN = {
    "dashboard:home",
    "dashboard:health",
    "dashboard:audit_verify",
    "api_audit_verification",
}
