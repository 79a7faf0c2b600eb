"""The JSON of people and their work, in camelCase; one serializer per kind,
for what comes in and what goes out.
"""
