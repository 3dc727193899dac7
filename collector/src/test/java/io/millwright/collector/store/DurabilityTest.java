package io.millwright.collector.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.vocabulary.job.Term;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that is killed loses nothing that it had acknowledged. It says nothing of a power cut:
 * the kernel lives on and has every page.
 */
class DurabilityTest {
  private static final int KILLS = 6;
  private static final int MOST_ACKNOWLEDGED = 400;

  @TempDir private Path directory = Path.of("");

  @Test
  void everyAcknowledgedKeyIsThereAfterAKill() throws Exception {
    long seed = Long.getLong("seed", new Random().nextLong());
    System.out.println("DurabilityTest seed=" + seed + " (-Dseed=)");
    Random random = new Random(seed);
    Path file = directory.resolve("store.db");
    Set<String> acknowledged = new HashSet<>();
    Term last = Term.NONE;
    for (int round = 0; round < KILLS; round++) {
      acknowledged.addAll(commitUntilKilled(file, round, random));
      last = verify(file, acknowledged, last);
    }
    assertThat(acknowledged).hasSizeGreaterThan(KILLS);
  }

  /** Kills after so many keys, and still takes what was printed until then. */
  private static Set<String> commitUntilKilled(Path file, int round, Random random)
      throws IOException, InterruptedException {
    Process process = Committer.start(file, round);
    Set<String> keys = new HashSet<>();
    int most = 1 + random.nextInt(MOST_ACKNOWLEDGED);
    try (BufferedReader out = process.inputReader()) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        keys.add(line);
        if (keys.size() == most) {
          process.toHandle().destroyForcibly(); // Process's own would close the pipe
        }
      }
    }
    assertThat(process.waitFor()).as("ended by SIGKILL").isEqualTo(128 + 9);
    return complete(keys, round);
  }

  /** The last line may have been cut; a key that was cut is another key or none. */
  private static Set<String> complete(Set<String> keys, int round) {
    return keys.stream()
        .filter(key -> key.matches(round + "-[0-9]-[0-9]+"))
        .collect(Collectors.toSet());
  }

  private static Term verify(Path file, Set<String> acknowledged, Term last) {
    try (StateStore store = SqliteStore.open(file)) {
      List<String> first = values(store, "/a/");
      assertThat(first).as("both of a pair or none").isEqualTo(values(store, "/b/"));
      assertThat(new HashSet<>(first)).as("what was acknowledged").containsAll(acknowledged);
      assertThat(store.term().number())
          .as("the killed process counted too")
          .isEqualTo(last.number() + 2);
      return store.term();
    }
  }

  private static List<String> values(StateStore store, String prefix) {
    return store.range(prefix).values().stream().map(Versioned::value).toList();
  }
}
