package io.millwright.collector;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.collector.audit.AuditLog;
import io.millwright.collector.control.Control;
import io.millwright.collector.control.EvidenceDesk;
import io.millwright.collector.control.JobDesk;
import io.millwright.collector.jobs.JobBook;
import io.millwright.collector.store.MemoryStore;
import io.millwright.protocol.clock.Clock;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/**
 * By a clock that the test moves; the writer never turns, so that each order waits in its inbox.
 */
class PolicyEvidenceTest {
  private final HandClock clock = new HandClock();
  private final Control control = control();
  private final PolicyEvidence evidence = new PolicyEvidence(clock);

  private static final class HandClock implements Clock {
    private long nanos = 1;

    @Override
    public long nanos() {
      return nanos;
    }

    @Override
    public Instant wall() {
      return Instant.EPOCH.plusNanos(nanos);
    }

    @Override
    public void parkUntil(long until) {}
  }

  private Control control() {
    MemoryStore store = MemoryStore.open(new MemoryStore.Disk());
    return new Control(new JobDesk(JobBook.open(store, clock), clock), clock);
  }

  private void desk() {
    MemoryStore store = MemoryStore.open(new MemoryStore.Disk());
    evidence.from(new EvidenceDesk(control, AuditLog.open(store, clock), store, clock));
  }

  /** Once a second, of each of these times in turn; gives how many orders came of it. */
  private int wants(Duration time, long... since) {
    int before = control.waiting();
    for (long second = 0; second < time.toSeconds(); second++) {
      clock.nanos += Duration.ofSeconds(1).toNanos();
      for (long one : since) {
        evidence.want("n1", "why", one);
      }
    }
    return control.waiting() - before;
  }

  @Test
  void whatComesToNothingIsOrderedAgainLessAndLessOftenAndAtLastNoMore() {
    desk();
    assertThat(wants(Duration.ofSeconds(30), 5)).isEqualTo(1);
    assertThat(wants(Duration.ofMinutes(1), 5)).isEqualTo(1);
    assertThat(wants(Duration.ofMinutes(2), 5)).isEqualTo(1);
    assertThat(wants(Duration.ofDays(1), 5)).isEqualTo(7);
    assertThat(wants(Duration.ofDays(1), 5, 3)).as("an older one is served too").isZero();
    assertThat(wants(Duration.ofDays(1), 5, 9)).as("one that began later").isEqualTo(10);
  }
}
