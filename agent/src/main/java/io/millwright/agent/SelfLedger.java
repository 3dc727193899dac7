package io.millwright.agent;

import io.millwright.agent.sampling.ProbeLedger;
import io.millwright.agent.self.ProbeAccount;
import io.millwright.agent.self.SelfMetrics;
import io.millwright.protocol.vocabulary.Fault;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/** Writes how the probes fare into the agent's own metrics. On the sampler's thread. */
final class SelfLedger implements ProbeLedger {
  private final SelfMetrics self;
  private final Map<String, ProbeAccount> probes = new HashMap<>();

  SelfLedger(SelfMetrics self) {
    this.self = self;
  }

  @Override
  public void succeeded(String probe, Duration took, Instant at) {
    of(probe).succeeded(took.toNanos());
  }

  @Override
  public void failed(String probe, Duration took, Fault fault) {
    of(probe).failed(fault, took.toNanos());
  }

  @Override
  public void overran(String probe) {
    of(probe).overrun();
  }

  private ProbeAccount of(String name) {
    return probes.computeIfAbsent(name, self::probe);
  }
}
