import gc

from bot.commands.run import keep_for_good


def test_what_a_start_makes_is_not_looked_at_again() -> None:
    """After the start the garbage collector has nothing to look at but what comes later."""
    gc.collect()
    before = len(gc.get_objects())
    try:
        keep_for_good()
        assert gc.get_freeze_count() >= before / 2
        assert len(gc.get_objects()) < before / 2
    finally:
        gc.unfreeze()
