"""The keys of the stand-ins: made up here, worth nothing anywhere else.

Apart from the stand-ins, so that the launcher can name them without loading any.
"""

LIVEKIT_API_KEY = "APIkoppelDemo01"
LIVEKIT_API_SECRET = "koppel-demo-livekit-secret-0123456789abcdef"
OPENAI_API_KEY = "sk-koppel-demo-0123456789abcdef"
S3_ACCESS_KEY = "KOPPELDEMOSTORAGE001"
S3_SECRET_KEY = "koppel-demo-storage-secret-0123456789abcd"
S3_REGION = "eu-central-1"
S3_BUCKET = "koppel-recordings"
# Under this prefix every key holds the trial's recording:
# what a trial refers to outlives the stand-in's memory.
S3_DEMO_PREFIX = "demo/"

# Email Bison's: an instance has two super-admins, and a token of their own for some
# of its workspaces.
BISON_SUPER_ADMINS = {
    "maverick": "77|koppelDemoMaverickSuperAdmin000000000001",
    "long-run": "32|koppelDemoLongRunSuperAdmin0000000000001",
}
BISON_BACKUPS = {
    "maverick": "78|koppelDemoMaverickBackupAdmin00000000002",
    "long-run": "33|koppelDemoLongRunBackupAdmin000000000002",
}


def bison_workspace_token(slug: str, workspace: int) -> str:
    """Name the api-user token of a workspace; the stand-in knows it for those that have a key."""
    word = slug.title().replace("-", "")
    return (
        f"{(100 if slug == 'maverick' else 300) + workspace}|"
        f"koppelDemo{word}Workspace{workspace:020d}"
    )


# Chatwoot's: an administrator and an agent of account 1, an administrator of account 2,
# and a platform app.
CHATWOOT_ADMIN_TOKEN = "koppelDemoChatwootAdmin01"
CHATWOOT_AGENT_TOKEN = "koppelDemoChatwootAgent01"
CHATWOOT_OTHER_TOKEN = "koppelDemoChatwootOther02"
CHATWOOT_PLATFORM_TOKEN = "koppelDemoChatwootPlatform"
