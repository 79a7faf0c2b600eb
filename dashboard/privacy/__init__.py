"""Settings → Privacy: a person's data as a file, or erased with a certificate.

asking   the forms, and for whose people they are      tables   what is listed
views    the pages                                      urls     their addresses
"""
