"""The pages of what an organization has connected.

entering  who gets in, for which organization
rows      one integration in words, for card and page
pages     the list: figures, services, cards
catalog   what can be connected, and which tier unlocks it
forms     made of the fields that a provider declares
new       connecting a service
views     the pages
acts      what their buttons do
detail    one integration and its tabs
logs      its calls
history   what was done with it
"""
