"""Telling people that an incident opened, got worse or closed.

kinds.py     what people can be told of, and by what
audience.py  whom an incident concerns, and who of them wants to hear of it
outbox.py    what is to be told to whom: rows, written with the transition itself
messages.py  the words
channels.py  how one message leaves: e-mail, Slack-compatible webhook, SMS and WhatsApp by Twilio
sending.py   working the rows off, once each (core.outbox); trying a channel out;
             a broken channel is itself an incident
personal.py  mails to people themselves, by the same rows
summaries.py the daily summary of whoever asked for it
"""
