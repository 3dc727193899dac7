package io.millwright.agent.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.agent.lane.Probe;
import io.millwright.agent.lane.SourceProbe;
import io.millwright.drivers.Source;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Periods;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Lanes that come up while the sampler ticks, as those of a driver's devices do. */
class NewLanesTest {
  /** So long that the test sees one tick. */
  private static final Duration LONG = Duration.ofMinutes(2);

  private static final Periods PERIODS = new Periods(LONG, LONG, LONG);

  @Test
  void aLaneThatATickBringsUpIsReadInThatTick() throws InterruptedException {
    List<Probe> probes = new CopyOnWriteArrayList<>();
    SourceProbe second = lane("second", () -> {});
    SourceProbe first = lane("first", () -> probes.add(second));
    probes.add(first);
    first.start();
    second.start();
    BlockingQueue<NodeSnapshot> published = new LinkedBlockingQueue<>();
    Sampler sampler =
        new Sampler(
            Clock.system(), PERIODS, () -> probes, new Deaf(), taken -> taken, published::add);
    sampler.start();
    NodeSnapshot taken = published.poll(60, TimeUnit.SECONDS);
    sampler.stop(Duration.ofSeconds(5));
    first.stop();
    second.stop();
    assertThat(taken).isNotNull();
    assertThat(taken.sequence()).isEqualTo(1);
    assertThat(taken.samples()).hasSize(2);
  }

  private static SourceProbe lane(String name, Runnable onRead) {
    return new SourceProbe(name, name, Clock.system(), PERIODS, calls -> new Told(onRead));
  }

  /** Reads nothing and tells that it was asked. */
  private static final class Told implements Source {
    private final Readings readings = new Readings(SeriesTable.builder().build());
    private final Runnable onRead;

    Told(Runnable onRead) {
      this.onRead = onRead;
    }

    @Override
    public Readings readings() {
      return readings;
    }

    @Override
    public Outcome read(Cadence cadence, long nowNanos) {
      if (cadence == Cadence.FAST) {
        onRead.run();
      }
      return Outcome.ANSWERED;
    }

    @Override
    public void close() {}
  }

  private static final class Deaf implements ProbeLedger {
    @Override
    public void succeeded(String probe, Duration took, Instant at) {}

    @Override
    public void failed(String probe, Duration took, Fault fault) {}

    @Override
    public void overran(String probe) {}
  }
}
