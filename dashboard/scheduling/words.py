"""What the scripts of the call's page say: written here, so that it is translated
with everything else.
"""

from typing import Any

from django.utils.translation import gettext as _


def configuration(*, join: str, back: str, is_guest: bool) -> dict[str, Any]:
    """Return, for `json_script`, where to ask, and every word that a script may need."""
    return {
        "join": join,
        "back": back,
        "isGuest": is_guest,
        "words": {**_devices(), **_room(), **_failures()},
    }


def _devices() -> dict[str, str]:
    return {
        "cameraOn": _("Turn camera on"),
        "cameraOff": _("Turn camera off"),
        "microphoneOn": _("Unmute"),
        "microphoneOff": _("Mute"),
        "cameraIsOff": _("Your camera is off"),
        "looking": _("Looking for your camera and microphone…"),
        "deniedTitle": _("The camera and microphone are blocked"),
        "denied": _(
            "Your browser was told not to let this page use them. Press the sign beside the page's "
            "address, allow the camera and the microphone, then try again. You can also join "
            "without them."
        ),
        "missingTitle": _("No camera or microphone found"),
        "missing": _(
            "Plug one in or turn it on, then try again. You can also join without: you see and "
            "hear the others."
        ),
        "missingCamera": _("No camera was found. The others hear you, but do not see you."),
        "missingMicrophone": _("No microphone was found. The others see you, but do not hear you."),
        "busyTitle": _("Another program holds the camera or microphone"),
        "busy": _("Close the other program or the other tab that uses it, then try again."),
        "insecureTitle": _("The camera and microphone cannot be used at this address"),
        "insecure": _(
            "Browsers allow them only on pages whose address begins with https. Open this page at "
            "such an address, or ask whoever gave you this one. You can still join to see and hear "
            "the others."
        ),
        "tooOldTitle": _("This browser cannot make video calls"),
        "tooOld": _("Open this page in a current version of Chrome, Edge, Firefox or Safari."),
    }


def _room() -> dict[str, str]:
    return {
        "you": _("You"),
        "unnamed": _("Somebody"),
        "muted": _("muted"),
        "screenOf": _("Screen of {name}"),
        "yourScreen": _("You are showing your screen"),
        "shareStart": _("Show screen"),
        "shareStop": _("Stop showing"),
        "alone": _("You are the first one here. The others appear when they join."),
        "joined": _("{name} joined"),
        "left": _("{name} left"),
        "mutedNow": _("Your microphone is off"),
        "unmutedNow": _("Your microphone is on"),
        "cameraOffNow": _("Your camera is off now"),
        "cameraOnNow": _("Your camera is on"),
        "recordingNow": _("This call is being recorded"),
        "recordingOver": _("The recording has stopped"),
        "reconnected": _("You are connected again"),
        "count": _("In this call: {count}"),
        "sharingFailed": _("Your screen is not shown. You can try again."),
        "deviceFailed": _(
            "This device does not start. Choose another one, or close what else uses it."
        ),
    }


def _failures() -> dict[str, str]:
    return {
        "nameMissing": _("Fill in your name: the others see it."),
        "consentMissing": _("You can only join when you agree that the call may be recorded."),
        "gone": _("This meeting is not there any more, or it is no longer yours."),
        "goneGuest": _("This link was withdrawn or is too old. Ask for a new one."),
        "notOpen": _("This meeting is not open."),
        "signedOut": _("You were signed out. Load this page again and sign in."),
        "tooMany": _("You tried very often. Wait a minute, then try again."),
        "unavailable": _("Video calls are not available at the moment. Try again later."),
        "offline": _("Koppel cannot be reached. Check your connection and try again."),
        "failed": _("That did not work. Try again in a moment."),
        "replacedTitle": _("You joined from another window"),
        "replaced": _(
            "This one was left, so that you are in the call once. Go on there, or come back here."
        ),
        "endedTitle": _("The call has ended"),
        "ended": _("It was closed for everybody."),
        "leftTitle": _("You left the call"),
        "leftText": _("Others may still be in it. You can come back as long as it is open."),
        "leftGuest": _("You can come back as long as the call is open, or close this page."),
    }
