package io.millwright.collector.acceptance;

import io.millwright.collector.fleet.FleetState;
import io.millwright.collector.operations.Operating;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the queue of jobs has of the acceptance: a turn, and which nodes take no work.
 *
 * <p><i>Threading:</i> the thread {@code control}; {@link #withheld} and {@link #changedMs} from
 * any.
 */
public interface Accepting {

  /** Of a collector in which nothing has to be accepted. */
  Accepting NONE =
      new Accepting() {
        @Override
        public void turn(FleetState fleet) {}

        @Override
        public Optional<String> withheld(String node) {
          return Optional.empty();
        }

        @Override
        public OptionalLong changedMs(String node) {
          return OptionalLong.empty();
        }

        @Override
        public Optional<Pass> lastPass(String node) {
          return Optional.empty();
        }

        @Override
        public List<Operating.News> news() {
          return List.of();
        }
      };

  /** Looks at the equipment of the fleet and does what is due. */
  void turn(FleetState fleet);

  /** Why a node takes no new job until it is accepted; empty where it takes some. */
  Optional<String> withheld(String node);

  /** When its equipment was last seen to be another; empty where it has told of none. */
  OptionalLong changedMs(String node);

  /** What was accepted of a node last. */
  Optional<Pass> lastPass(String node);

  /** What happened since this was asked last. */
  List<Operating.News> news();
}
