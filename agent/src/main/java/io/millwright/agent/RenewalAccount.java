package io.millwright.agent;

import io.millwright.agent.renewal.Renewals;
import io.millwright.agent.self.SelfMetrics;
import java.time.Instant;

/** Writes how renewing goes into the agent's own metrics. On the thread {@code renewal}. */
final class RenewalAccount implements Renewals.Account {
  private final SelfMetrics self;

  RenewalAccount(SelfMetrics self) {
    this.self = self;
  }

  @Override
  public void ends(Instant end) {
    self.certificateEnds(end);
  }

  @Override
  public void attempted(String result) {
    self.certificateRenewal(result);
  }
}
