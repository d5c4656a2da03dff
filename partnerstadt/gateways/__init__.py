"""Messengers: each gateway is a process of its own that talks to the front desk as the chat in a browser does."""
