"""How long a workspace's leads last at the pace that its senders can keep: "dry on Thursday".

forecasting  day by day, from what is left and what can be sent
domains      sender domains that are tired
reading      what the vendor says of it
computing    the nightly run
keeping      the forecast and the sums of a day, stored
incidents    told some days ahead
config       what the house decides
"""
