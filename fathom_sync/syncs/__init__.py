"""How an account's list is walked.

starting  which accounts a wish means           joined   one walk at a time: joined, or queued behind
sync      the run itself                        walking  through the pages, the next one fetched meanwhile
cron      for a clock outside                   terminal runs followed from a terminal
words     what runs and their outcomes are called
"""
