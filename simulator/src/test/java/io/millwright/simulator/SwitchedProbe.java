package io.millwright.simulator;

import io.millwright.agent.lane.Probe;
import io.millwright.agent.lane.RoundResult;
import io.millwright.agent.lane.Tick;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Sample;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** A probe that fails when it is told to; it refuses to be asked, and its last round stands. */
final class SwitchedProbe implements Probe {
  private final String name;
  private volatile boolean fails;
  private final AtomicLong round = new AtomicLong();

  SwitchedProbe(String name) {
    this.name = name;
  }

  void fail(boolean now) {
    fails = now;
    round.incrementAndGet();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean request(Tick tick) {
    return !fails;
  }

  @Override
  public RoundResult last() {
    return fails
        ? new RoundResult.Failed(round.get(), Duration.ZERO, Fault.OTHER)
        : new RoundResult.Succeeded(round.get(), Duration.ZERO);
  }

  @Override
  public List<Sample> samples(Tick tick) {
    return List.of();
  }
}
