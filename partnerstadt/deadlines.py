"""How long each part waits for the one behind it, in seconds.

Each waits longer than the one behind: nobody gives up a turn that is still being made, and the lock of a
conversation outlasts every turn in it.
"""

ACTION = 6.0
RASA = 20.0  # the REST channel for a turn; the turn goes on
FRONT = 25.0  # the front desk for Rasa, unless front.yml says otherwise
LOCK = 60.0  # a message of the same conversation for the one before it
