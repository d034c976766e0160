"""`python -m tests.bench.instrument`: simulated people against the targets T1 to T16 of the measurement.

The environment's SCALE multiplies the number of drawn questionnaires. Seeds are fixed: the same scale gives the same table.
"""

import sys
import time

from tests.bench.recovery.measure import SEED, Effort, everything
from tests.bench.recovery.targets import failing, table


def main() -> None:
    """Print the table, and last what must hold and does not; docs/measurement.md says why one does not."""
    effort = Effort.scaled()
    begun = time.monotonic()
    quantities = everything(effort, lambda what: print(f"… {what}", file=sys.stderr, flush=True))
    print(
        f"\nInstrument: {effort.draws} drawn questionnaires a world, {effort.people} people each with a first form, "
        f"{effort.followed} followed for 24 weeks. Seed {SEED}. {time.monotonic() - begun:.0f} s.\n"
    )
    print("\n".join(table(quantities)))
    print(f"\nMust hold and does not: {', '.join(failing(quantities)) or 'nothing'}.")


if __name__ == "__main__":
    main()
