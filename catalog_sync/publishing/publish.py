"""Publishing: what a plan says, written where nobody looks yet, then shown all at once.

Rows of the next generation are written in short transactions beside those being served. One small transaction then
moves the number that readers go by. A crash before that leaves rows that the next publication clears away.
"""

from dataclasses import dataclass

from catalog_sync.publishing import generations
from catalog_sync.publishing.plan import Plan
from catalog_sync.publishing.writing import Writer
from catalog_sync.runs import Claim
from foundation.errors import ConflictError


@dataclass(frozen=True, slots=True)
class Publication:
    """What is served after publishing. Nothing changed if it is not new: the generation is the one before."""

    generation: int
    products: int
    is_new: bool
    entered: int = 0
    changed: int = 0
    left: int = 0


def publish(claim: Claim, plan: Plan) -> Publication:
    """Serve what was planned; the snapshot must by now hold what the plan was made from.

    LeaseLostError, and nothing shown, if another run has taken over; ConflictError, and nothing shown, if the snapshot
    or what is served is not what the plan was made from.
    """
    served = generations.clear_unfinished(claim, plan.ahead)
    generations.clear_superseded(claim)
    if served != plan.served:
        raise ConflictError(f"Generation {served} was published after this was planned. Plan anew.")
    if plan.is_empty:
        generations.remember_inputs(claim, plan.inputs)
        return Publication(served, plan.listed, is_new=False)
    Writer(claim, plan).write()
    entered, changed, left = len(plan.entering), len(plan.changing), len(plan.leaving)
    publication = Publication(served + 1, plan.listed, True, entered, changed, left)  # noqa: FBT003
    generations.flip(claim, plan)
    generations.forget_older_changes(claim)
    return publication
