package io.millwright.agent.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.LogHead;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeptHeadsTest {
  private static final UUID STORE = new UUID(1, 2);

  @TempDir private Path directory;
  private final List<Boolean> conflicts = new ArrayList<>();

  private KeptHeads started() {
    KeptHeads kept =
        new KeptHeads("n1", directory.resolve("state"), conflicts::add, Clock.system());
    kept.start();
    return kept;
  }

  private static LogHead head(UUID store, long generation, long sequence, char digit) {
    return new LogHead(store, generation, sequence, String.valueOf(digit).repeat(64));
  }

  private static LogHead head(long generation, long sequence) {
    return head(STORE, generation, sequence, 'a');
  }

  private boolean conflict() {
    return conflicts.getLast();
  }

  private static List<Long> sequences(KeptHeads kept) {
    return kept.heads().heads().stream().map(one -> one.head().sequence()).toList();
  }

  @Test
  void whatContinuesIsKeptOverARestartAndBounded() {
    KeptHeads kept = started();
    assertThat(conflict()).isFalse();
    for (int i = 1; i <= KeptHeads.MOST_OF_A_STORE + 5; i++) {
      kept.told(head(1, i * 10L));
    }
    kept.turn();
    KeptHeads next = started();
    assertThat(sequences(next)).hasSize(KeptHeads.MOST_OF_A_STORE).startsWith(10L).endsWith(210L);
    assertThat(next.heads().conflict()).isEmpty();
    assertThat(conflict()).isFalse();
  }

  @Test
  void aLogThatEndsBeforeIsAConflictThatStandsUntilTheLogIsBack() {
    KeptHeads kept = started();
    kept.told(head(1, 100));
    kept.told(head(1, 90));
    assertThat(conflict()).isTrue();
    kept.told(head(1, 140)); // grown since: what was cut is not forgotten
    assertThat(conflict()).isTrue();
    assertThat(sequences(kept)).containsExactly(100L);
    kept.turn();

    KeptHeads next = started();
    assertThat(conflict()).isTrue();
    assertThat(next.heads().conflict().orElseThrow().head().sequence()).isEqualTo(90);
    next.told(head(1, 100));
    assertThat(conflict()).isFalse();
    next.told(head(1, 101));
    assertThat(sequences(next)).containsExactly(100L, 101L);
    next.turn();
    started();
    assertThat(conflict()).isFalse();
  }

  @Test
  void theSameNumberWithAnotherHashIsAConflict() {
    KeptHeads kept = started();
    kept.told(head(1, 100));
    kept.told(head(STORE, 1, 100, 'b'));
    assertThat(conflict()).isTrue();
  }

  @Test
  void anOlderGenerationIsAConflictAndALaterOneIsARestore() {
    KeptHeads kept = started();
    kept.told(head(2, 100));
    kept.told(head(3, 80)); // of a backup
    assertThat(conflict()).isFalse();
    kept.told(head(2, 200));
    assertThat(conflict()).isTrue();
    kept.told(head(4, 1));
    assertThat(conflict()).isFalse();
    assertThat(sequences(kept)).containsExactly(100L, 80L, 1L);
  }

  @Test
  void headsOfFewStoresAreKeptTheOldestGiveWay() {
    KeptHeads kept = started();
    for (int i = 1; i <= KeptHeads.MOST_STORES + 2; i++) {
      kept.told(head(new UUID(7, i), 1, i, 'c'));
    }
    assertThat(sequences(kept)).containsExactly(3L, 4L, 5L);
    assertThat(conflict()).isFalse();
  }

  /** A log that was written anew goes on growing, and cannot wash out what was seen before. */
  @Test
  void whatIsLeftOfManyReachesBackToTheFirst() {
    KeptHeads kept = started();
    for (int i = 1; i <= 1000; i++) {
      kept.told(head(1, i));
    }
    List<Long> left = sequences(kept);
    assertThat(left).hasSize(KeptHeads.MOST_OF_A_STORE).startsWith(1L).endsWith(1000L).isSorted();
    for (int i = 1; i < left.size(); i++) {
      assertThat(left.get(i) - left.get(i - 1)).as("%s", left).isLessThanOrEqualTo(256);
    }
  }

  @Test
  void aConflictStandsWhateverOtherStoresSay() {
    KeptHeads kept = started();
    kept.told(head(1, 100));
    kept.told(head(1, 90));
    for (int i = 1; i <= KeptHeads.MOST_STORES + 2; i++) {
      kept.told(head(new UUID(7, i), 1, 200, 'c'));
      kept.told(head(new UUID(7, i), 1, 199, 'c')); // its own conflict
      assertThat(kept.heads().conflict().orElseThrow().head()).isEqualTo(head(1, 90));
    }
    assertThat(sequences(kept)).containsExactly(100L, 200L, 200L);
    kept.told(head(1, 100));
    assertThat(conflict()).isFalse();
  }

  @Test
  void aFileThatIsNoneIsPutAside() throws IOException {
    Path state = Files.createDirectory(directory.resolve("state"));
    Files.writeString(state.resolve(HeadsFile.NAME), "{\"node\":\"n1\"");
    KeptHeads kept = started();
    assertThat(kept.heads().heads()).isEmpty();
    assertThat(Files.readString(state.resolve(HeadsFile.ASIDE))).startsWith("{");
    kept.told(head(1, 5));
    kept.turn();
    assertThat(sequences(started())).containsExactly(5L);
  }

  @Test
  void withoutADirectoryItIsKeptInMemory() {
    KeptHeads kept =
        new KeptHeads("n1", directory.resolve("not/there"), conflicts::add, Clock.system());
    kept.start();
    kept.told(head(1, 5));
    kept.turn();
    assertThat(sequences(kept)).containsExactly(5L);
  }
}
