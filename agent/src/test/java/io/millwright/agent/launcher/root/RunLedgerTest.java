package io.millwright.agent.launcher.root;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** At most once, over everything. */
class RunLedgerTest {
  @TempDir Path directory;

  @Test
  void aRunIsClaimedOnceOverRestarts() throws IOException {
    RunId run = new RunId("train", 1);
    assertThat(new RunLedger(directory).holds(run)).isFalse();
    assertThat(new RunLedger(directory).claim(run)).isTrue();
    assertThat(new RunLedger(directory).claim(run)).isFalse();
    assertThat(new RunLedger(directory).holds(run)).isTrue();
    assertThat(new RunLedger(directory).claim(new RunId("train", 2))).isTrue();
  }

  @Test
  void ofManyAtOnceOneGetsIt() throws Exception {
    RunId run = new RunId("train", 1);
    try (ExecutorService many = Executors.newFixedThreadPool(8)) {
      List<Future<Boolean>> claims = new ArrayList<>();
      for (int i = 0; i < 32; i++) {
        claims.add(many.submit(() -> new RunLedger(directory).claim(run)));
      }
      int got = 0;
      for (Future<Boolean> claim : claims) {
        got += claim.get() ? 1 : 0;
      }
      assertThat(got).isEqualTo(1);
    }
  }
}
