"""A person taken out of everything, or shown all that is known of them.

erasing    asked for, worked, looked for again    returning  whom no sync and no file brings back
exporting  the same places as a file              places     what becomes of this app's own rows
asking     who may, and of whom                     gathering  all that a person is known by
anothers   what is somebody else's too
"""
