"""How calls are searched: words as they are written, in any language, without regard to accents.

No stemming: a call may be in Dutch, French or English, or in all three, and what its language is nobody says reliably.
NFC first, because `unaccent` knows é as one character and not as e with an accent after it. Punctuation beyond ASCII
becomes spaces, because under the locale C the parser takes it for letters; < and > too, because it would take what is
between them for a tag, and leave it out.
"""

from django.contrib.postgres.operations import UnaccentExtension
from django.db import migrations

CONFIGURATION = """
CREATE TEXT SEARCH CONFIGURATION calls_words (COPY = pg_catalog.simple);
ALTER TEXT SEARCH CONFIGURATION calls_words
    ALTER MAPPING FOR hword, hword_part, word WITH unaccent, simple;
"""

# A vector holds a megabyte at most. What has more than that is searched by its first part, and is not refused.
VECTOR = """
CREATE FUNCTION calls_vector(title text, summary text, transcript text) RETURNS tsvector
    LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    everything text := regexp_replace(
        normalize(concat_ws(E'\\n', title, summary, transcript), NFC),
        '[<>\\u00A0-\\u00BF\\u00D7\\u00F7\\u2000-\\u2BFF\\u3000-\\u303F\\U0001F000-\\U0001FAFF]', ' ', 'g'
    );
BEGIN
    RETURN to_tsvector('calls_words', everything);
EXCEPTION WHEN program_limit_exceeded THEN
    RETURN to_tsvector('calls_words', left(everything, 100000));
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("calls", "0002_same_organization")]

    operations = [
        UnaccentExtension(),
        migrations.RunSQL(CONFIGURATION, "DROP TEXT SEARCH CONFIGURATION calls_words"),
        migrations.RunSQL(VECTOR, "DROP FUNCTION calls_vector(text, text, text)"),
    ]
