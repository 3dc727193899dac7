package io.millwright.simulator;

import static io.millwright.simulator.WatchedNode.soon;

import io.millwright.agent.lane.Probe;
import io.millwright.agent.sampling.Sampler;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * A sampler whose ticks come as soon as they can while a test waits: it waits for what was read and
 * judged, and not for time.
 */
record Hurried(Sampler sampler) {
  /** A round or a tick may be under way: the second from now is the first that begins after it. */
  private static final int NEXT_WHOLE = 2;

  /**
   * Until each of these has done a round that began after now.
   *
   * @param away by place among them, those that are not waited for, asked again and again
   */
  void rounds(List<? extends Probe> lanes, IntPredicate away) {
    List<Long> before = lanes.stream().map(lane -> lane.last().round()).toList();
    until(() ->
        IntStream.range(0, before.size())
            .allMatch(
                i -> lanes.get(i).last().round() >= before.get(i) + NEXT_WHOLE || away.test(i)));
  }

  /** Until there is a snapshot that was begun after now. */
  void tick() {
    ticks(NEXT_WHOLE);
  }

  /** Until so many more ticks were judged. */
  void ticks(int more) {
    long until = sampler.snapshot().sequence() + more;
    until(() -> sampler.snapshot().sequence() >= until);
  }

  private void until(Callable<Boolean> condition) {
    soon()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(5))
        .until(() -> {
          sampler.nudge();
          return condition.call();
        });
  }
}
