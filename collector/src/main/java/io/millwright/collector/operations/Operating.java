package io.millwright.collector.operations;

import io.millwright.collector.fleet.FleetState;
import io.millwright.collector.racks.Place;
import java.util.List;

/**
 * What the queue of jobs has of the operations: a turn, and what stands.
 *
 * <p><i>Threading:</i> the thread {@code control}; {@link #board} from any.
 */
public interface Operating {

  /** Of a collector in which nobody operates anything. */
  Operating NONE =
      new Operating() {
        @Override
        public void turn(FleetState fleet) {}

        @Override
        public Board board() {
          return Board.EMPTY;
        }

        @Override
        public Place place(String node) {
          return Place.unknown(node);
        }

        @Override
        public List<News> news() {
          return List.of();
        }
      };

  /**
   * Something that is told to everybody.
   *
   * @param kind as in {@code node-drained}
   * @param message one sentence, without names of people
   * @param ticket under which the part is returned that it is about, for those who may see jobs
   *     alone; empty where none is
   */
  record News(String kind, String subject, String message, String ticket) {
    public News(String kind, String subject, String message) {
      this(kind, subject, message, "");
    }
  }

  /** Looks at the fleet and does what is due. */
  void turn(FleetState fleet);

  /** What stands, as of the last turn or change. */
  Board board();

  /** Where a node stands, as far as the site has said it. */
  Place place(String node);

  /** What happened since this was asked last. */
  List<News> news();
}
