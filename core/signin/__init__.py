"""Who may come in, and how they stay.

passwords      the backend, the lock-out        second_factor  TOTP and recovery codes
tokens         bearer tokens of the API         sessions       sealed sessions of pages
signed_out     a session that ended meanwhile   session_audit  what of all this is audited
roles          what staff may do                profile        what a person says of themselves
"""

from core.signin.passwords import (
    CHALLENGE,
    GUESSES_A_MINUTE,
    Adapter,
    Backend,
    ResetPasswordForm,
    check,
    is_locked,
    locked_out,
    lockout_name,
    mail_password_reset,
    seconds_locked,
    unsent_password_resets,
)

__all__ = [
    "CHALLENGE",
    "GUESSES_A_MINUTE",
    "Adapter",
    "Backend",
    "ResetPasswordForm",
    "check",
    "is_locked",
    "locked_out",
    "lockout_name",
    "mail_password_reset",
    "seconds_locked",
    "unsent_password_resets",
]
