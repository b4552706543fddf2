from __future__ import annotations

import signal

from hypothesis import settings

# How long an example takes depends on the machine and on what else it does.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

# Behind nohup, or an & in a script, Ctrl-C is ignored by whatever is started: the tests that press it would wait for ever.
signal.signal(signal.SIGINT, signal.default_int_handler)
