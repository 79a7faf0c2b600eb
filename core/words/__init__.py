"""How things are said and shown, the same on every page.

states  their words, icons and tones    times       as people say them
icons   one set of pictures             time_zones  those that people may choose
pills   a state as the admin shows it   markup      HTML of a line, where many are written
digits  numbers from outside            moments     points in time from outside
names   of organizations, for rows with an id
sayings sentences that are kept now and read later in another language
"""
