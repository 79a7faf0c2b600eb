"""The keys of LiveKit's, the storage's and OpenAI's stand-ins: made up here, worth nothing anywhere else.

Apart from the stand-ins, so that the launcher can name them without loading any.
"""

LIVEKIT_API_KEY = "APIkoppelDemo01"
LIVEKIT_API_SECRET = "koppel-demo-livekit-secret-0123456789abcdef"
OPENAI_API_KEY = "sk-koppel-demo-0123456789abcdef"
S3_ACCESS_KEY = "KOPPELDEMOSTORAGE001"
S3_SECRET_KEY = "koppel-demo-storage-secret-0123456789abcd"
S3_REGION = "eu-central-1"
S3_BUCKET = "koppel-recordings"
# Under this prefix every key holds the trial's recording: what a trial refers to outlives the stand-in's memory.
S3_DEMO_PREFIX = "demo/"
