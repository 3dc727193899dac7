package io.millwright.simulator.determinism;

import org.jspecify.annotations.Nullable;

/** A store and the life of the collector that is there. */
final class Site {
  final int number;
  SimulatedStore.Disk disk;
  BookView view;
  @Nullable SimulatedCollector collector;

  /** The newest event in its table when the history began. */
  final long firstEvent;

  int endedBefore;
  int awayUntil;
  int pausedUntil;
  int keeperPausedUntil;

  /** Whether no node reaches it. */
  boolean unreachable;

  Site(int number, SimulatedStore.Disk disk, BookView view, long firstEvent) {
    this.number = number;
    this.disk = disk;
    this.view = view;
    this.firstEvent = firstEvent;
  }

  /** Another store that takes itself for the same, with a table of events of its own. */
  Site copy(int as, long newest) {
    return new Site(as, disk.copy(), view.copy(), newest);
  }
}
