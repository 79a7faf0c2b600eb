"""Home: the person's day, by the role that they have where they look.

roles                         whose home this is, and what every home shows
closer, setter, manager, ceo  those of an organization
operations, auditor           those of staff
steps                         what to do first
needs                         what waits for the person, each with its button
meetings                      meetings as rows
weeks                         weeks and days as figures
figures                       amounts of a period, and how they changed
left_out                      recorded calls that wait for a rep
activity                      the runs of a day as squares
calls                         calls as rows
incidents                     what is wrong as rows
"""
