"""Webhooks of Email Bison, in and out.

events       what they are called, and what people call them
addresses    ours: an address that nobody can guess, for each workspace
receiving    deliveries as they come in: whose, and which
working      what a delivery does
hooks        our webhook at the vendor: listed, made, changed, removed, read back
drift        what is there against what should be
status       how a workspace's webhook is, and the incident of an instance
registering  what people do: switch it on and off, change it, repair it, change its secret
sampling     a sample that the vendor sends us
checking     every workspace's webhook, every quarter of an hour
"""
