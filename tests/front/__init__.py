"""Tests of the front desk: real database, real web server, and for faults a small server in place of Rasa."""
