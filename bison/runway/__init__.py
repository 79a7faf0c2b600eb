"""How long a workspace's leads last at the pace that its senders can keep: "dry on Thursday".

forecasting  day by day, from what is left and what can be sent     domains    sender domains that are tired
reading      what the vendor says of it                              computing  the nightly run
config       what the house decides                                  incidents  told some days ahead
"""
