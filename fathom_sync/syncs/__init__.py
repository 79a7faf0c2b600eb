"""How an account's list is walked.

starting  which accounts a wish means
plans     what one sync sets out to walk
sync      the run itself
walking   through the pages, the next one fetched meanwhile
cron      for a clock outside
words     what comes of meetings, in words
"""
